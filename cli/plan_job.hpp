// `plan --out FILE` and `apply FILE`: a plan on its way to the file and back.

#pragma once

#include "cli/command_line.hpp"
#include "cli/job.hpp"
#include "cli/plan_file.hpp"
#include "cli/surroundings.hpp"
#include "cli/ui/reporter.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/run/event.hpp"
#include "plugins/host/run/plan.hpp"

#include <string>

namespace deployflow::cli {

/// The plan that `apply` was given. Errors: `usage`; `config` for a file that is no plan.
Result<PlanFile> read_plan_argument(const CommandLine& line, const Surroundings& around);

/// The command line that makes the job of the plan again: what was asked then, and how to speak and
/// to wait as it is asked now. Errors: `usage` if plugins were named then and none is now: a file
/// does not say what code to run.
Result<CommandLine> line_of_plan(const PlanFile& file, const CommandLine& typed);

/// Is the pipeline of the job the one that was planned? Errors: `conflict`.
Result<void> check_pipeline(const PlanFile& file, const pipeline::Pipeline& pipeline);

/// Can the plan of this job be kept where --out says? Errors: `usage`.
Result<void> check_out(const CommandLine& line, const Job& job, const Surroundings& around);

/// Passes everything on, and writes the plan of a run that ended well before its end is told: when
/// that cannot be done, it did not end well.
class PlanSaver final : public run::EventSink {
 public:
  PlanSaver(const CommandLine& line,
            const Surroundings& around,
            const pipeline::Pipeline& pipeline,
            Reporter& reporter)
      : line_(line), around_(around), pipeline_(pipeline), reporter_(reporter) {}

  void on_event(const run::Event& event) override;

  /// For run::Request.
  [[nodiscard]] run::Plan& plan() { return plan_; }
  /// As it was told.
  [[nodiscard]] const run::RunFinished& finished() const { return finished_; }

 private:
  Result<void> save(const std::string& run_id);

  const CommandLine& line_;
  const Surroundings& around_;
  const pipeline::Pipeline& pipeline_;
  Reporter& reporter_;
  run::Plan plan_;
  run::RunFinished finished_;
};

}  // namespace deployflow::cli
