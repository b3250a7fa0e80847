// A plan file may have come through anybody's hands.

#include "cli/plan_file.hpp"
#include "plugins/host/base/text.hpp"
#include "tests/fuzz/claim.hpp"

#include <algorithm>
#include <string>
#include <tuple>

using namespace deployflow;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = cli::read_plan_file(fuzz::text_of(data, size));
  if (!read.ok()) {
    CLAIM(read.error().code == Errc::config);
    CLAIM(!fuzz::has_control(read.error().message) && is_utf8(read.error().message));
    return 0;
  }
  // What was read could have been written: it is read again as the same, and applied as it is
  // shown.
  const std::string text = cli::write_plan_file(*read);
  const auto again = cli::read_plan_file(text);
  CLAIM(again.ok());
  CLAIM(cli::write_plan_file(*again) == text);
  CLAIM(again->asked == read->asked && again->plan.stages.size() == read->plan.stages.size());
  for (std::size_t s = 0; s < read->plan.stages.size(); ++s) {
    const run::StagePlan& stage = read->plan.stages[s];
    CLAIM(stage.site_sha256.size() == 64);
    CLAIM(run::compare_plans(stage, again->plan.stages[s]).differences.empty());
    for (const run::TargetPlan& target : stage.targets) {
      CLAIM(std::is_sorted(target.changes.begin(), target.changes.end(), [](auto& a, auto& b) {
        return std::tie(a.key, a.action) < std::tie(b.key, b.action);
      }));
    }
  }
  return 0;
}
