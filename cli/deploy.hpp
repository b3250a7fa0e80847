// push, run and validate: everything that runs a pipeline.

#pragma once

#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/job.hpp"
#include "cli/plan_file.hpp"
#include "cli/report/reports.hpp"
#include "cli/site_argument.hpp"
#include "cli/surroundings.hpp"
#include "cli/ui/reporter.hpp"
#include "plugins/host/base/cancel.hpp"

#include <functional>
#include <mutex>
#include <optional>

namespace deployflow::cli {

ExitCode deploy(const CommandLine& line, Surroundings& around);

/// Tell why a command ends before it began, as the command line asks: text or JSON.
ExitCode refuse(const Refusal& refusal, const CommandLine& line, Surroundings& around);

/// The spooled input, where the second Ctrl-C can reach it.
class Spool {
 public:
  void keep(SpooledInput input);
  void discard();

 private:
  std::mutex mutex_;
  std::optional<SpooledInput> input_;
};

struct Deployment {
  const CommandLine& line;
  Surroundings& around;
  Reporter& reporter;
  Spool& spool;
  StopToken stop;
  const PlanFile* approved = nullptr;  // what is to be carried out; null = whatever is found
};

/// One run, told to the reporter. `on_job` hears of what will be run, before the site is read.
ExitCode deploy_once(const Deployment& all, const std::function<void(const Job&)>& on_job = {});

/// Write the reports, and say what could not be written. A deployment stays done all the same; a
/// check that was good has failed then: its report may be all that was asked for.
ExitCode close_reports(ExitCode code,
                       const CommandLine& line,
                       Reports& reports,
                       Surroundings& around);

}  // namespace deployflow::cli
