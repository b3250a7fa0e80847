#include "cli/deploy.hpp"

#include "cli/interrupt.hpp"
#include "cli/job.hpp"
#include "cli/plan_job.hpp"
#include "cli/ui/human_reporter.hpp"
#include "cli/ui/json_reporter.hpp"
#include "plugins/host/base/file.hpp"
#include "plugins/host/run/runner.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace deployflow::cli {
namespace {

using namespace std::chrono_literals;

/// One or two reporters as one: --json -v speaks on both streams.
class Reporters : public Reporter {
 public:
  void add(std::unique_ptr<Reporter> reporter) { all_.push_back(std::move(reporter)); }

  void on_event(const run::Event& event) override {
    for_each([&](Reporter& one) { one.on_event(event); });
  }
  void begin(const std::string& what, SiteKind kind) override {
    for_each([&](Reporter& one) { one.begin(what, kind); });
  }
  void note(const std::string& text) override {
    for_each([&](Reporter& one) { one.note(text); });
  }
  void refuse(const Refusal& refusal) override {
    for_each([&](Reporter& one) { one.refuse(refusal); });
  }
  void tick() override {
    for_each([](Reporter& one) { one.tick(); });
  }

 private:
  template <class Call>
  void for_each(const Call& call) {
    for (const auto& one : all_) {
      call(*one);
    }
  }

  std::vector<std::unique_ptr<Reporter>> all_;
};

bool is_dry(const CommandLine& line) {
  return line.dry_run || line.command == Command::plan;
}

std::unique_ptr<Reporter> make_human(const CommandLine& line, Surroundings& around) {
  const Verbosity verbosity = line.quiet         ? Verbosity::quiet
                              : line.verbose > 0 ? Verbosity::detailed
                                                 : Verbosity::normal;
  LinePrinter printer(around.err,
                      describe_terminal(STDERR_FILENO, line.color, around.environment),
                      [] { return terminal_columns(STDERR_FILENO); });
  return std::make_unique<HumanReporter>(printer,
                                         line.json ? nullptr : &around.out,
                                         verbosity,
                                         is_dry(line) ? RunKind::dry : RunKind::real,
                                         std::chrono::steady_clock::now);
}

std::unique_ptr<Reporters> make_reporters(const CommandLine& line, Surroundings& around) {
  auto reporters = std::make_unique<Reporters>();
  if (!line.json || line.verbose > 0) {
    reporters->add(make_human(line, around));
  }
  if (line.json) {
    reporters->add(std::make_unique<JsonReporter>(around.out));
  }
  return reporters;
}

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

/// The spooled input, where the second Ctrl-C can reach it.
class Spool {
 public:
  void keep(SpooledInput input) {
    const std::lock_guard lock(mutex_);
    input_.emplace(std::move(input));
  }
  void discard() {
    const std::lock_guard lock(mutex_);
    input_.reset();
  }

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
};

ExitCode refuse_with(Reporter& reporter, const Refusal& refusal) {
  reporter.refuse(refusal);
  return exit_code(refusal.error.code);
}

ExitCode execute(const Deployment& all,
                 const Job& job,
                 load::Registry& registry,
                 const run::Plan* approved) {
  run::Request request;
  request.pipeline = &job.pipeline;
  request.registry = &registry;
  request.site = job.site.path;
  request.site_name = job.site.shown;
  request.single_key = job.site.single_key;
  request.dry_run = is_dry(all.line);
  request.approved = approved;
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

/// `approved`: the plan that is to be carried out; null = whatever is found.
ExitCode deploy_with(const Deployment& all, const PlanFile* approved) {
  auto registry = make_registry(all.line, all.around);
  if (!registry) {
    return refuse_with(all.reporter, {std::move(registry.error()), {}, {}});
  }
  auto job = make_job(all.line, all.around, *registry);
  if (!job) {
    return refuse_with(all.reporter, job.error());
  }
  Result<void> fits = approved != nullptr     ? check_pipeline(*approved, job->pipeline)
                      : !all.line.out.empty() ? check_out(all.line, *job, all.around)
                                              : Result<void>();
  if (!fits) {
    return refuse_with(all.reporter, {std::move(fits.error()), {}, {}});
  }
  for (const std::string& note : job->notes) {
    all.reporter.note(note);
  }
  const Ticker ticker(all.reporter);
  return execute(all, *job, *registry, approved != nullptr ? &approved->plan : nullptr);
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
  return deploy_with({*line, all.around, all.reporter, all.spool, all.stop}, &*file);
}

}  // namespace

ExitCode deploy(const CommandLine& line, Surroundings& around) {
  const auto reporter = make_reporters(line, around);
  Spool spool;
  const Interrupts interrupts(
      [&] { reporter->note("interrupted: finishing what is under way; once more stops at once"); },
      [&] { spool.discard(); });
  const Deployment all{line, around, *reporter, spool, interrupts.token()};
  return line.command == Command::apply ? apply_with(all) : deploy_with(all, nullptr);
}

ExitCode refuse(const Refusal& refusal, const CommandLine& line, Surroundings& around) {
  return refuse_with(*make_reporters(line, around), refusal);
}

}  // namespace deployflow::cli
