// What GitHub Actions shows by itself: annotations, and the summary of a job.
//
// The runner reads workflow commands from standard output and from standard error alike
// (actions/runner, ScriptHandler.cs and ActionCommandManager.cs).

#pragma once

#include "cli/report/report.hpp"
#include "cli/ui/output.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace deployflow::cli {

/// GitHub shows ten errors and ten warnings of a step.
constexpr std::size_t k_annotations_shown = 10;

/// One workflow command a finding, the gravest first; at most `most` of each severity.
void write_annotations(const Report& report, std::size_t most, Output& out);

/// Markdown for the page of the job: counts, the first findings, and where the site is.
std::string job_summary(const Report& report);

/// Lines for people among which no text from outside can be a workflow command, such as the second
/// line of a message that a plugin made.
class CommandFree : public Output {
 public:
  explicit CommandFree(Output& output) : output_(output) {}
  /// Whole lines.
  void write(std::string_view text) override;

 private:
  Output& output_;
};

}  // namespace deployflow::cli
