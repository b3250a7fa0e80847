#include "stages/validate/draft.hpp"

#include "stages/validate/position.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_most_drafts = 10'000;

Finding rendered(Draft draft, const LineIndex& lines, const PageSettings& settings) {
  Finding finding{.code = draft.rule->code,
                  .severity = settings.severity_of(draft.rule->code, draft.rule->severity),
                  .message = std::move(draft.message),
                  .hint = std::move(draft.hint)};
  if (draft.at != k_nowhere) {
    const Position position = lines.at(draft.at);
    finding.line = position.line;
    finding.column = position.column;
  }
  if (draft.related_at != k_nowhere) {
    const Position position = lines.at(draft.related_at);
    finding.message += ", " + draft.related + " at " + std::to_string(position.line) + ":" +
                       std::to_string(position.column);
  }
  return finding;
}

}  // namespace

void Drafts::add(Draft draft) {
  if (!settings_.asks(*draft.rule) || is_ignored(*draft.rule)) {
    return;
  }
  if (drafts_.size() < k_most_drafts) {
    drafts_.push_back(std::move(draft));
  } else {
    ++dropped_;
  }
}

Drafts::Rendered Drafts::render(std::string_view text) && {
  // What is about the page as a whole stands before its first byte.
  const auto place = [](const Draft& d) { return d.at == k_nowhere ? 0 : d.at + 1; };
  const auto shown = static_cast<std::ptrdiff_t>(
      settings_.keeps_all ? drafts_.size() : std::min(settings_.max_findings, drafts_.size()));
  std::ranges::stable_sort(drafts_, [&](const Draft& a, const Draft& b) {
    const Severity of_a = settings_.severity_of(a.rule->code, a.rule->severity);
    const Severity of_b = settings_.severity_of(b.rule->code, b.rule->severity);
    return of_a != of_b ? of_a > of_b : place(a) < place(b);
  });
  std::ranges::stable_sort(drafts_.begin(), drafts_.begin() + shown, {}, place);
  Rendered out{.findings = {},
               .left_out = dropped_ + drafts_.size() - static_cast<std::size_t>(shown)};
  if (drafts_.empty()) {
    return out;
  }
  const LineIndex lines(text);
  for (auto draft = drafts_.begin(); draft != drafts_.begin() + shown; ++draft) {
    out.findings.push_back(rendered(std::move(*draft), lines, settings_));
  }
  return out;
}

}  // namespace deployflow::validate
