#include "cli/deploy.hpp"

#include "cli/interrupt.hpp"
#include "cli/plan_job.hpp"
#include "cli/ui/reporters.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/run/runner.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace deployflow::cli {
namespace {

using namespace std::chrono_literals;

/// Calls tick() ten times a second until it is destroyed.
class Ticker {
 public:
  explicit Ticker(Reporter& reporter)
      : thread_([this, &reporter](const StopToken& stop) {
          std::unique_lock lock(mutex_);
          while (!wake_.wait_for(lock, stop, 100ms, [] { return false; }) &&
                 !stop.stop_requested()) {
            reporter.tick();
          }
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

run::LogLevel log_level(int verbose) {
  switch (verbose) {
    case 0:
      return run::LogLevel::warning;
    case 1:
      return run::LogLevel::info;
    case 2:
      return run::LogLevel::debug;
    default:
      return run::LogLevel::trace;
  }
}

ExitCode refuse_with(Reporter& reporter, const Refusal& refusal) {
  reporter.refuse(refusal);
  return exit_code(refusal.error.code);
}

ExitCode execute(const Deployment& all, const Job& job, load::Registry& registry) {
  run::Request request;
  request.pipeline = &job.pipeline;
  request.registry = &registry;
  request.site = job.site.path;
  request.site_name = job.site.shown;
  request.single_key = job.site.single_key;
  request.dry_run = is_dry(all.line);
  request.approved = all.approved != nullptr ? &all.approved->plan : nullptr;
  request.max_warnings = all.line.max_warnings;
  request.environment = all.around.environment;
  request.stop = all.stop;
  request.log_level = log_level(all.line.verbose);
  if (!job.site.path.empty()) {
    all.reporter.begin(job.site.shown, job.site.kind);
  }
  if (job.site.is_input()) {
    auto input = spool_input(STDIN_FILENO, all.around.environment, all.stop);
    if (!input) {
      return refuse_with(all.reporter, {std::move(input.error()), {}, {}});
    }
    request.site = input->path();
    all.spool.keep(std::move(*input));
  }
  PlanSaver saver(all.line, all.around, job.pipeline, all.reporter);
  request.plan = all.line.out.empty() ? nullptr : &saver.plan();
  const run::RunFinished finished = request.plan != nullptr
                                        ? (run::execute(request, saver), saver.finished())
                                        : run::execute(request, all.reporter);
  return finished.ok && all.line.exit_code && finished.changes > 0 ? ExitCode::changes
                                                                   : exit_code(finished);
}

ExitCode apply_with(const Deployment& all) {
  const auto file = read_plan_argument(all.line, all.around);
  if (!file) {
    return refuse_with(all.reporter, {file.error(), {}, {}});
  }
  const auto line = line_of_plan(*file, all.line);
  if (!line) {
    return refuse_with(all.reporter, {line.error(), {}, {}});
  }
  return deploy_once({*line, all.around, all.reporter, all.spool, all.stop, &*file});
}

}  // namespace

void Spool::keep(SpooledInput input) {
  const std::lock_guard lock(mutex_);
  input_.emplace(std::move(input));
}

void Spool::discard() {
  const std::lock_guard lock(mutex_);
  input_.reset();
}

ExitCode deploy_once(const Deployment& all, const std::function<void(const Job&)>& on_job) {
  auto registry = make_registry(all.line, all.around);
  if (!registry) {
    return refuse_with(all.reporter, {std::move(registry.error()), {}, {}});
  }
  auto job = make_job(all.line, all.around, *registry);
  if (!job) {
    return refuse_with(all.reporter, job.error());
  }
  Result<void> fits = all.approved != nullptr ? check_pipeline(*all.approved, job->pipeline)
                      : !all.line.out.empty() ? check_out(all.line, *job, all.around)
                                              : Result<void>();
  if (!fits) {
    return refuse_with(all.reporter, {std::move(fits.error()), {}, {}});
  }
  for (const std::string& note : job->notes) {
    all.reporter.note(note);
  }
  if (on_job) {
    on_job(*job);
  }
  const Ticker ticker(all.reporter);
  return execute(all, *job, *registry);
}

ExitCode close_reports(ExitCode code,
                       const CommandLine& line,
                       Reports& reports,
                       Surroundings& around) {
  const std::vector<Error> failures = reports.close(code, around);
  const bool deploys = line.command == Command::push || line.command == Command::run ||
                       line.command == Command::apply;
  for (const Error& failure : failures) {
    around.err.write(
        fmt::format("{}: {}\n", deploys ? "warning" : "error", printable(failure.message)));
  }
  return failures.empty() || deploys || code != ExitCode::done ? code : ExitCode::failed;
}

ExitCode deploy(const CommandLine& line, Surroundings& around) {
  auto reports = Reports::open(line, around);
  if (!reports) {
    return refuse({std::move(reports.error()), {}, {}}, line, around);
  }
  const auto err = make_error_output(around);
  const auto reporter = make_reporters(line, around, *err);
  if (reports->listener() != nullptr) {
    reporter->add(*reports->listener());
  }
  Spool spool;
  const Interrupts interrupts(
      [&] { reporter->note("interrupted: finishing what is under way; once more stops at once"); },
      [&] { spool.discard(); });
  const Deployment all{line, around, *reporter, spool, interrupts.token()};
  const ExitCode code = line.command == Command::apply ? apply_with(all) : deploy_once(all);
  return close_reports(code, line, *reports, around);
}

ExitCode refuse(const Refusal& refusal, const CommandLine& line, Surroundings& around) {
  const auto err = make_error_output(around);
  return refuse_with(*make_reporters(line, around, *err), refusal);
}

}  // namespace deployflow::cli
