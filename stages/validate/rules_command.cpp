#include "stages/validate/rules_command.hpp"

#include "stages/validate/rule_texts.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_width = 78;  // of a line

void tell_wrapped(Ctx ctx, std::string_view text) {
  constexpr std::string_view k_indent = "  ";
  std::string line(k_indent);
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (line.size() > k_indent.size() && line.size() + 1 + word.size() > k_width) {
      ctx.answer(line);
      line = k_indent;
    }
    if (line.size() > k_indent.size()) {
      line += ' ';
    }
    line += word;
  }
  ctx.answer(line);
}

// Bytes that are no text, and line ends, as a person would write them.
std::string in_one_line(std::string_view example) {
  std::string out;
  for (const char c : example) {
    const auto byte = static_cast<unsigned char>(c);
    constexpr std::string_view k_digits = "0123456789ABCDEF";
    if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0xFC || byte == 0xDF) {  // of a page in Latin-1
      out += std::string("\\x") + k_digits[byte >> 4U] + k_digits[byte & 0xFU];
    } else {
      out += c;
    }
  }
  return out;
}

void list(Ctx ctx) {
  std::size_t widest = 0;
  for (const Rule* rule : all_rules()) {
    widest = std::max(widest, rule->code.size());
  }
  for (const RuleSet set : {RuleSet::essential, RuleSet::recommended, RuleSet::strict}) {
    ctx.answer(std::string(set == RuleSet::essential ? "" : "also ") + std::string(name_of(set)) +
               ":");
    for (const Rule* rule : all_rules()) {
      if (rule->set == set) {
        std::string line = "  " + std::string(rule->code);
        line.append(widest + 2 - rule->code.size(), ' ').append(name_of(rule->severity));
        line.append(9 - name_of(rule->severity).size(), ' ').append(rule->summary);
        ctx.answer(line);
      }
    }
  }
}

void explain(Ctx ctx, const RuleText& text) {
  const Rule& rule = *text.rule;
  ctx.answer(std::string(rule.code) + ": " + std::string(rule.summary));
  ctx.answer("  " + std::string(name_of(rule.severity)) + ", in the set " +
             std::string(name_of(rule.set)));
  tell_wrapped(ctx, text.why);
  if (text.example_of != ExampleOf::none) {
    ctx.answer("  wrong:  " + in_one_line(text.wrong));
    ctx.answer("  right:  " + in_one_line(text.right));
  }
}

}  // namespace

void RulesCommand::configure(Ctx /*ctx*/, const Options& given) {
  code_ = given.get_or("code", std::string());
}

void RulesCommand::run(Ctx ctx, const RunInfo& /*info*/) const {
  if (code_.empty()) {
    list(ctx);
    return;
  }
  const auto texts = rule_texts();
  const auto found =
      std::ranges::find_if(texts, [this](const RuleText& t) { return t.rule->code == code_; });
  if (found == texts.end()) {
    ctx.error("rules/unknown", "there is no code " + code_)
        .hint("`deployflow rules` lists all codes");
    throw Failure{DF_FAILED, ""};
  }
  explain(ctx, *found);
}

}  // namespace deployflow::validate
