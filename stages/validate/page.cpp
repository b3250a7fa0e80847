#include "stages/validate/page.hpp"

#include "stages/validate/draft.hpp"
#include "stages/validate/encoding.hpp"
#include "stages/validate/finding_limit.hpp"
#include "stages/validate/gumbo_page.hpp"
#include "stages/validate/ignore_marks.hpp"
#include "stages/validate/page_references.hpp"
#include "stages/validate/page_rules.hpp"
#include "stages/validate/tree.hpp"
#include "stages/validate/tree_errors.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace deployflow::validate {
namespace {

std::string hex_byte(char c) {
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {'0', 'x', k_digits[byte >> 4U], k_digits[byte & 0xFU]};
}

Draft too_complex(const Outline& outline, const OutlineLimits& limits) {
  const auto over = [](std::size_t limit) { return "over " + std::to_string(limit); };
  std::string what;
  switch (*outline.excess) {
    case Excess::depth:
      what = "elements are nested " + over(limits.depth) + " levels deep";
      break;
    case Excess::attributes:
      what = "this tag has " + over(limits.attributes) + " attributes";
      break;
    case Excess::tags:
      what = "the page has " + over(limits.tags) + " tags";
      break;
  }
  return {&rules::k_too_complex, outline.excess_at, what + "; the page was not checked further"};
}

void check_bytes(std::string_view text, Drafts& drafts) {
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    drafts.add({&rules::k_nul, nul, "a NUL byte", "a page is text: is this file whole?"});
  }
}

void check_encoding(std::string_view text, const TreeFacts& facts, Drafts& drafts) {
  const bool declares_other = facts.charset_at != k_nowhere && !names_utf8(facts.charset);
  if (const auto invalid = first_invalid_utf8(text)) {
    std::string hint = "save the page as UTF-8";
    if (declares_other) {
      hint = "it declares " + facts.charset + ": convert it, and its <meta>, to UTF-8";
    }
    drafts.add({&rules::k_encoding, *invalid, "not UTF-8: byte " + hex_byte(text[*invalid]), hint});
  } else if (declares_other && !is_ascii(text)) {
    drafts.add({&rules::k_charset,
                facts.charset_at,
                "the page is UTF-8 and declares " + facts.charset,
                "write <meta charset=\"utf-8\">"});
  }
}

void check_doctype(const TreeFacts& facts, const Outline& outline, Drafts& drafts) {
  constexpr const char* k_hint = "begin the page with <!DOCTYPE html>";
  if (facts.has_doctype && facts.is_quirky) {
    drafts.add({&rules::k_quirks,
                outline.first_doctype,
                "this doctype puts browsers into quirks mode",
                k_hint});
  } else if (!facts.has_doctype && outline.first_doctype != k_nowhere) {
    drafts.add({&rules::k_doctype, outline.first_doctype, "the doctype comes too late", k_hint});
  } else if (!facts.has_doctype) {
    drafts.add({&rules::k_doctype,
                outline.first_token == k_nowhere ? 0 : outline.first_token,
                "no doctype: browsers use quirks mode",
                k_hint});
  }
}

// gumbo knows that the page ends inside of something, the outline where that begins.
void check_unfinished(std::string_view text,
                      const Outline& outline,
                      const GumboVector& errors,
                      Drafts& drafts) {
  if (outline.unfinished == k_nowhere || !ends_inside_token(errors, text)) {
    return;
  }
  const std::string_view rest = text.substr(outline.unfinished);
  std::string what = "a declaration";
  if (rest.starts_with("<!--")) {
    what = "a comment";
  } else if (const auto name = name_of_tag(rest); !name.empty()) {
    what = "the tag " + std::string(rest.starts_with("</") ? "</" : "<") + shortened(name) + ">";
  }
  drafts.add({&rules::k_unfinished, outline.unfinished, "the page ends inside " + what});
}

void check_markup(std::string_view text,
                  const Outline& outline,
                  Drafts& drafts,
                  Arena& memory,
                  FactsBuilder& facts_of_file) {
  GumboPage page(memory);
  if (!page.parse(text, budget_for(text.size()))) {
    drafts.add({&rules::k_too_complex,
                k_nowhere,
                "parsing takes too much time or memory; the page was not checked further"});
    return;
  }
  const TreeFacts facts = read_tree(page.tree(), text);
  check_encoding(text, facts, drafts);
  if (!facts.has_content && outline.unfinished == k_nowhere) {
    drafts.add({&rules::k_empty, k_nowhere, "the page has no content"});
  }
  check_doctype(facts, outline, drafts);
  check_unfinished(text, outline, page.tree().errors, drafts);
  check_tree_errors(page.tree().errors, {text, outline, facts}, drafts);
  if (drafts.settings().rules != RuleSet::essential || !drafts.settings().severities.empty()) {
    check_page_rules(page.tree(), text, drafts);
  }
  read_page_references(page.tree(), facts_of_file);
}

void read_marks(std::string_view text, Drafts& drafts, FactsBuilder& facts) {
  const IgnoreMarks marks = read_ignore_marks(text, CommentSyntax::html);
  drafts.ignore(marks.rules);
  facts.set_ignored(marks.rules);
  for (const IgnoreMarks::Unknown& unknown : marks.unknown) {
    drafts.add({&rules::k_ignore_unknown,
                unknown.at,
                "there is no code " + shortened(unknown.code),
                "the reference of validate lists all codes"});
  }
}

bool is_wanted(std::string_view code, const Drafts& drafts) {
  const Rule& rule = *find_rule(code);
  return drafts.settings().asks(rule) && !drafts.is_ignored(rule);
}

// What the walk over references had to say has a place already, and counts with the drafts.
std::vector<Finding> wanted(std::vector<Finding> findings, const Drafts& drafts) {
  std::erase_if(findings, [&](const Finding& f) { return !is_wanted(f.code, drafts); });
  for (Finding& f : findings) {
    f.severity = drafts.settings().severity_of(f.code, f.severity);
  }
  return findings;
}

void check_text(std::string_view text,
                const PageSettings& settings,
                Drafts& drafts,
                Arena& memory,
                FactsBuilder& facts) {
  if (trimmed(text).empty()) {
    drafts.add({&rules::k_empty, k_nowhere, "the page is empty"});
    return;
  }
  read_marks(text, drafts, facts);
  check_bytes(text, drafts);
  const Outline outline = outline_of(text, settings.limits);
  if (outline.excess) {
    drafts.add(too_complex(outline, settings.limits));
  } else if (outline.tags == 0 && outline.first_doctype == k_nowhere) {
    // Files that prove the ownership of a site to a search engine are of this kind.
    check_encoding(text, {}, drafts);
    drafts.add({&rules::k_no_markup, k_nowhere, "plain text under a name of HTML"});
  } else {
    check_markup(text, outline, drafts, memory, facts);
  }
}

}  // namespace

void read_page(std::string_view bytes,
               const PageSettings& settings,
               Arena& memory,
               FactsBuilder& facts) {
  constexpr std::size_t k_most_of_references = 10'000;  // as of drafts
  const std::size_t told_before = facts.finding_count();
  facts.limit_findings(told_before + k_most_of_references);
  Drafts drafts(settings);
  const std::string_view mark = byte_order_mark(bytes);
  if (mark == "UTF-8") {
    bytes.remove_prefix(3);  // gumbo would take it for text before the doctype
  }
  if (mark.empty() || mark == "UTF-8") {
    check_text(bytes, settings, drafts, memory, facts);
  } else {
    drafts.add({&rules::k_encoding,
                k_nowhere,
                "the page is " + std::string(mark) + ", not UTF-8",
                "save the page as UTF-8"});
    bytes = {};
  }
  std::vector<Finding> findings = wanted(facts.take_findings_after(told_before), drafts);
  std::size_t left_out = 0;
  for (const auto& [code, count] : facts.left_out()) {
    left_out += is_wanted(code, drafts) ? count : 0;
  }
  Drafts::Rendered rendered = std::move(drafts).render(bytes);
  std::ranges::move(rendered.findings, std::back_inserter(findings));
  keep_few(findings,
           settings.keeps_all ? findings.size() : settings.max_findings,
           rules::k_more,
           "in this page",
           left_out + rendered.left_out);
  for (Finding& finding : findings) {
    facts.add(std::move(finding));
  }
}

std::vector<Finding> check_page(std::string_view bytes, const PageSettings& settings) {
  const SiteAddress nowhere;
  FactsBuilder facts(nowhere, "");
  Arena memory;
  read_page(bytes, settings, memory, facts);
  return std::move(facts).finish().findings;
}

}  // namespace deployflow::validate
