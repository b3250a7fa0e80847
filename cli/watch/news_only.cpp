#include "cli/watch/news_only.hpp"

#include "cli/report/fingerprint.hpp"
#include "cli/ui/words.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>
#include <variant>

namespace deployflow::cli {
namespace {

std::string key_of(const run::Finding& finding) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}",
                     static_cast<int>(finding.severity),
                     finding.stage,
                     finding.code,
                     finding.file,
                     finding.key,
                     without_numbers(finding.message));
}

}  // namespace

void NewsOnly::on_event(const run::Event& event) {
  if (const auto* finding = std::get_if<run::Finding>(&event)) {
    const std::string key = key_of(*finding);
    const auto known = known_.find(key);
    if (++found_[key] <= (known == known_.end() ? 0 : known->second)) {
      return;
    }
  }
  if (std::holds_alternative<run::RunFinished>(event)) {
    has_ended_ = true;
    tell_gone();
  }
  next_.on_event(event);
}

void NewsOnly::tell_gone() {
  std::uint64_t gone = 0;
  std::uint64_t left = 0;
  for (const auto& [key, count] : known_) {
    const auto found = found_.find(key);
    const std::uint64_t still = found == found_.end() ? 0 : std::min(found->second, count);
    gone += count - still;
    left += still;
  }
  if (gone > 0) {
    next_.note(fmt::format("{} gone", count_of(gone, "finding")));
  }
  if (left > 0) {
    next_.note(fmt::format("{} from before", count_of(left, "finding")));
  }
}

Known NewsOnly::take() {
  return std::move(has_ended_ ? found_ : known_);
}

}  // namespace deployflow::cli
