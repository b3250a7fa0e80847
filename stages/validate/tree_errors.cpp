#include "stages/validate/tree_errors.hpp"

#include "stages/validate/gumbo_errors.hpp"
#include "stages/validate/gumbo_page.hpp"
#include "stages/validate/syntax_errors.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace deployflow::validate {
namespace {

std::string start_tag(std::string_view name) {
  return "<" + shortened(name) + ">";
}
std::string end_tag(std::string_view name) {
  return "</" + shortened(name) + ">";
}

// gumbo, older than these, lets a <p> stay open around them, so what they hold seems misnested.
bool is_newer_than_gumbo(TagId id) {
  return id == tag_id("dialog") || id == tag_id("search");
}

// Does the tag at the start end with "/>"?
bool is_self_closing(std::string_view tag) {
  char quote = 0;
  for (std::size_t i = 0; i < tag.size(); ++i) {
    const char c = tag[i];
    if (quote != 0) {
      quote = c == quote ? '\0' : quote;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return i > 0 && tag[i - 1] == '/';
    }
  }
  return false;
}

// Turns each misplaced token into at most one draft. gumbo reports the place where it noticed; one
// mistake is often noticed twice, at the tag that was left open and at the tag that met it.
class Interpreter {
 public:
  Interpreter(const PageFacts& page, Drafts& drafts)
      : page_(page),
        drafts_(drafts),
        unclosed_(page.tree.unclosed),
        used_(unclosed_.size(), false) {
    for (const Unclosed& u : page.tree.split) {
      closers_.insert(u.closed_by);
    }
    for (std::size_t i = 0; i < unclosed_.size(); ++i) {
      by_name_[tag_id(unclosed_[i].name)].push_back(i);
      closers_.insert(unclosed_[i].closed_by);
    }
  }

  void interpret(std::size_t offset) {
    seen_.insert(offset);
    const std::string_view rest = page_.text.substr(offset);
    const std::string_view name = name_of_tag(rest);
    if (offset >= page_.text.size() || is_missing_doctype(offset)) {
      return;
    }
    if (equals_ignoring_case(rest.substr(0, 9), "<!doctype")) {
      misplaced_doctype(offset);
    } else if (name.empty()) {
      text(offset);
    } else if (rest.starts_with("</")) {
      end(offset, name);
    } else {
      start(offset, name);
    }
  }

  // After the last error: what gumbo repaired without one.
  void report_silent() {
    for (const std::size_t offset : page_.outline.formatting_ends) {
      if (!page_.tree.ended.contains(offset) && !seen_.contains(offset)) {
        end(offset, name_of_tag(page_.text.substr(offset)));
      }
    }
    for (const std::size_t offset : page_.tree.stray_texts) {
      text(offset);
    }
    for (const Unclosed& u : page_.tree.split) {
      report_split(u);
    }
  }

  // What no end tag of the page accounts for.
  void report_unclosed() {
    if (page_.outline.open_form != k_nowhere) {
      report({"form", page_.outline.open_form, k_nowhere});
    }
    for (std::size_t i = 0; i < unclosed_.size(); ++i) {
      if (!used_[i]) {
        report(unclosed_[i]);
      }
    }
    for (const auto& [id, starts] : dropped_in_select_) {
      for (const std::size_t start : starts) {
        report({name_of_tag(page_.text.substr(start)), start, k_nowhere});
      }
    }
  }

  /// Inside of an <svg> or a <math> that gumbo drops and browsers, since 2025, show.
  [[nodiscard]] bool is_foreign_in_select(std::size_t offset) const {
    return is_in_select(offset) && (has_dropped("svg") || has_dropped("math"));
  }

 private:
  [[nodiscard]] std::string tag_at(std::size_t offset) const {
    const std::string_view tag = page_.text.substr(offset);
    const std::string_view name = name_of_tag(tag);
    return tag.starts_with("</") ? end_tag(name) : start_tag(name);
  }

  void report(const Unclosed& u) {
    Draft draft{&rules::k_unclosed, u.start, "unclosed element " + start_tag(u.name)};
    if (u.closed_by != k_nowhere) {
      draft.related = "ended by " + tag_at(u.closed_by);
      draft.related_at = u.closed_by;
    }
    drafts_.add(std::move(draft));
  }

  void report_split(const Unclosed& u) {
    if (u.closed_by != k_nowhere && seen_.contains(u.closed_by)) {
      drafts_.add({&rules::k_nesting,
                   u.start,
                   start_tag(u.name) + " reaches beyond the element that it is in",
                   "end the inner element first",
                   "which ends by " + tag_at(u.closed_by),
                   u.closed_by});
    }
  }

  // gumbo's first complaint about a page without a doctype is about the first token.
  bool is_missing_doctype(std::size_t offset) {
    const bool is_first = !std::exchange(seen_any_, true);
    return is_first && !page_.tree.has_doctype && offset <= page_.outline.first_token;
  }

  // An old doctype is no error here; html/quirks tells when it matters.
  void misplaced_doctype(std::size_t offset) {
    if (offset != page_.outline.first_doctype) {
      drafts_.add({&rules::k_nesting, offset, "a second doctype"});
    }
  }

  bool is_after_body(std::size_t offset) {
    if (page_.outline.body_end == k_nowhere || offset <= page_.outline.body_end) {
      return false;
    }
    if (!std::exchange(told_after_body_, true)) {
      drafts_.add({&rules::k_after_body, offset, "content after </body>"});
    }
    return true;
  }

  void text(std::size_t offset) {
    if (page_.text[offset] == '\0' || is_after_body(offset) ||
        (offset >= text_begin_ && offset < text_end_)) {
      return;
    }
    text_begin_ = offset;
    text_end_ = std::min(page_.text.find('<', offset + 1), page_.text.size());
    drafts_.add({&rules::k_nesting,
                 offset,
                 "text \"" + shortened(trimmed(page_.text.substr(offset, text_end_ - offset))) +
                     "\" is not allowed here",
                 "a browser moves or drops it"});
  }

  void start(std::size_t offset, std::string_view name) {
    const TagId id = tag_id(name);
    bad_starts_.insert(offset);
    if (is_after_body(offset) || closers_.contains(offset) ||
        page_.tree.split_again.contains(offset) || is_consequence_of_noscript(id)) {
      return;  // the tag itself may be right: it ends, by rule, an element that was left open
    }
    if (is_in_select(offset) && id != tag_id("input") && id != tag_id("select")) {
      const bool ends_itself =
          (id == tag_id("svg") || id == tag_id("math") || is_foreign_in_select(offset)) &&
          is_self_closing(page_.text.substr(offset));
      if (!is_void(id) && !has_optional_end(id) && !ends_itself) {
        dropped_in_select_[id].push_back(offset);
      }
      return;
    }
    if (is_head_element(id) || id == tag_id("image")) {  // browsers repair these without a trace
      drafts_.add({&rules::k_syntax, offset, start_tag(name) + " is not allowed here"});
      return;
    }
    drafts_.add({&rules::k_nesting,
                 offset,
                 start_tag(name) + " is not allowed here",
                 "a browser moves it, drops it, or ends an open element before it"});
  }

  // Where gumbo drops every tag but those of options. Browsers did, and today keep what is there:
  // <hr> between options, <button>, pictures.
  [[nodiscard]] bool is_in_select(std::size_t offset) const {
    return std::ranges::any_of(page_.tree.selects, [offset](const auto& range) {
      return offset > range.first && offset < range.second;
    });
  }

  [[nodiscard]] bool has_dropped(std::string_view name) const {
    const auto dropped = dropped_in_select_.find(tag_id(name));
    return dropped != dropped_in_select_.end() && !dropped->second.empty();
  }

  bool ends_what_was_dropped(std::size_t offset, TagId id) {
    const auto dropped = dropped_in_select_.find(id);
    if (dropped == dropped_in_select_.end() || dropped->second.empty() || !is_in_select(offset)) {
      return false;
    }
    dropped->second.pop_back();
    return true;
  }

  void end(std::size_t offset, std::string_view name) {
    const TagId id = tag_id(name);
    const std::size_t started = page_.tree.ended.find(offset);
    if (closers_.contains(offset) || page_.tree.split_again.contains(offset) ||
        is_after_body_end(id) || is_consequence_of_noscript(id) ||
        ends_what_was_dropped(offset, id)) {
      return;  // told at the elements that it ends
    }
    if (started != k_nowhere) {
      if (!bad_starts_.contains(started)) {
        overlap(offset, name);
      }
    } else if (!pair_up(offset, id)) {
      stray(offset, name, id);
    }
  }

  // </body> and </html> are judged by what stands after them.
  static bool is_after_body_end(TagId id) { return id == tag_id("body") || id == tag_id("html"); }

  void overlap(std::size_t offset, std::string_view name) {
    drafts_.add({&rules::k_nesting,
                 offset,
                 end_tag(name) + " overlaps an element that is still open",
                 "end the inner element first"});
  }

  // "<b><i></b></i>": one finding for the element that was left open and for the end tag left over.
  bool pair_up(std::size_t offset, TagId id) {
    const auto same = by_name_.find(id);
    if (same == by_name_.end()) {
      return false;
    }
    // Not further back than this: a page of nothing but such mistakes would take forever.
    constexpr std::ptrdiff_t k_furthest = 64;
    const std::vector<std::size_t>& indices = same->second;
    auto i = std::ranges::lower_bound(
        indices, offset, {}, [this](std::size_t index) { return unclosed_[index].start; });
    for (const auto last = i - std::min(k_furthest, i - indices.begin()); i != last;) {
      const std::size_t index = *--i;
      const Unclosed& u = unclosed_[index];
      if (!used_[index] && u.closed_by != k_nowhere && u.closed_by < offset) {
        used_[index] = true;
        report_pair(u, offset, id);
        return true;
      }
    }
    return false;
  }

  void report_pair(const Unclosed& u, std::size_t offset, TagId id) {
    if (id == tag_id("noscript")) {
      report_noscript(u);
    } else if (!is_newer_than_gumbo(id)) {
      report_overlap(u, offset);
    }
  }

  // Many pages have <noscript><img></noscript> in <head>. Browsers that run scripts never look into
  // it; gumbo, which runs none, ends the head there and is astonished by what follows.
  void report_noscript(const Unclosed& u) {
    noscript_ended_head_ = true;
    drafts_.add({&rules::k_syntax,
                 u.start,
                 "<noscript> in <head> holds what belongs into <body>",
                 "",
                 "the first is " + tag_at(u.closed_by),
                 u.closed_by});
  }

  [[nodiscard]] bool is_consequence_of_noscript(TagId id) const {
    return noscript_ended_head_ && (id == tag_id("head") || id == tag_id("body"));
  }

  void report_overlap(const Unclosed& u, std::size_t offset) {
    drafts_.add({&rules::k_nesting,
                 offset,
                 "misnested " + end_tag(u.name) + ": " + start_tag(u.name) + " is open no more",
                 "end elements in the reverse order of their start",
                 "ended by " + tag_at(u.closed_by),
                 u.closed_by});
  }

  void stray(std::size_t offset, std::string_view name, TagId id) {
    if (id == tag_id("p")) {
      drafts_.add({&rules::k_stray_p,
                   offset,
                   "stray end tag </p>: it makes an empty paragraph",
                   "a <p> ends where a block element such as <div> or <ul> begins"});
      return;
    }
    drafts_.add({&rules::k_stray,
                 offset,
                 "stray end tag " + end_tag(name),
                 is_void(id) ? start_tag(name) + " has no end tag" : ""});
  }

  const PageFacts& page_;
  Drafts& drafts_;
  const std::vector<Unclosed>& unclosed_;
  std::vector<bool> used_;  // by the index of unclosed_: told already
  std::unordered_map<TagId, std::vector<std::size_t>> by_name_;  // indices of unclosed_, by start
  std::unordered_set<std::size_t> closers_, bad_starts_, seen_;
  std::unordered_map<TagId, std::vector<std::size_t>> dropped_in_select_;  // and not ended yet
  std::size_t text_begin_ = 0, text_end_ = 0;  // of the last misplaced text
  bool seen_any_ = false, told_after_body_ = false, noscript_ended_head_ = false;
};

}  // namespace

void check_tree_errors(const GumboVector& errors, const PageFacts& page, Drafts& drafts) {
  if (errors.length > 0 && !can_read_errors()) {
    drafts.add({&rules::k_syntax, k_nowhere, std::to_string(errors.length) + " parse errors"});
  }
  Interpreter interpreter(page, drafts);
  for (const ParseError& error : read_errors(errors, page.text)) {
    if (error.kind == ErrorKind::tree) {
      interpreter.interpret(error.offset);
    } else if (error.kind == ErrorKind::self_closing &&
               interpreter.is_foreign_in_select(error.offset)) {
      continue;  // there the slash counts
    } else if (auto draft = syntax_error(error, page.text, page.outline)) {
      drafts.add(std::move(*draft));
    }
  }
  interpreter.report_silent();
  interpreter.report_unclosed();
}

bool ends_inside_token(const GumboVector& errors, std::string_view text) {
  const std::vector<ParseError> known = read_errors(errors, text);
  const bool is_cut = !can_read_errors() || errors.length >= static_cast<unsigned>(k_most_errors);
  return is_cut || std::ranges::any_of(known, [text](const ParseError& error) {
           return error.kind == ErrorKind::other && error.offset >= text.size();
         });
}

}  // namespace deployflow::validate
