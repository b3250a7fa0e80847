#include "plugins/host/run/runner.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/run/approval.hpp"
#include "plugins/host/run/event_hub.hpp"
#include "plugins/host/run/origin.hpp"
#include "plugins/host/run/run_id.hpp"
#include "plugins/host/run/stage_call.hpp"
#include "plugins/host/run/stage_instance.hpp"
#include "plugins/host/run/target_book.hpp"
#include "plugins/host/site/walk.hpp"
#include "plugins/host/store/uri.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace deployflow::run {
namespace {

constexpr std::uint32_t k_remote = DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;

/// Does an option value name this target? Options of `format: target` are plain strings by now.
bool mentions(const pipeline::Value& value, std::string_view target) {
  if (value.kind == pipeline::Value::Kind::string) {
    return value.text == target;
  }
  const auto in_list = [&](const pipeline::Value& item) { return mentions(item, target); };
  const auto in_map = [&](const auto& item) { return mentions(item.second, target); };
  return std::any_of(value.list.begin(), value.list.end(), in_list) ||
         std::any_of(value.map.begin(), value.map.end(), in_map);
}

bool is_file(const std::string& path) {
  std::error_code error;
  return !path.empty() && std::filesystem::is_regular_file(path, error);
}

class Run {
 public:
  Run(const Request& request, EventSink& sink)
      : request_(request),
        events_(sink, request.log_level),
        artifacts_(std::make_unique<site::DigestCache>(request.environment)),
        targets_(*request.pipeline,
                 request.environment,
                 request.dry_run ? store::DryRun::yes : store::DryRun::no,
                 request.stop,
                 pool_,
                 tracer()),
        approval_(request.approved,
                  request.plan != nullptr ? Approval::Keep::yes : Approval::Keep::no,
                  artifacts_,
                  targets_,
                  pool_,
                  request.stop),
        state_{make_run_id(system_clock()),
               request.pipeline->file,
               request.dry_run,
               request.stop,
               request.environment,
               events_,
               artifacts_,
               targets_,
               approval_,
               pool_,
               find_origin(request.environment, request.site, system_clock()),
               is_file(request.site)} {}

  RunFinished execute() {
    const auto started = std::chrono::steady_clock::now();
    Result<void> outcome = check_plan();
    if (outcome) {
      outcome = scan();
    }
    if (outcome) {
      outcome = make_stages();
    }
    if (outcome) {
      outcome = open_targets();
    }
    if (outcome) {
      outcome = run_stages();
    }
    if (outcome && request_.plan != nullptr) {
      *request_.plan = approval_.take();
    }
    stages_.clear();  // destroy() of every stage, before the stores close
    RunFinished finished = summary(outcome);
    finished.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    events_.send(finished);
    return finished;
  }

 private:
  std::function<void(std::string_view)> tracer() {
    if (request_.log_level > LogLevel::trace) {
      return nullptr;
    }
    return
        [this](std::string_view line) { events_.log(LogLevel::trace, "http", std::string(line)); };
  }

  /// A plan of stages that will not run would be carried out in part.
  Result<void> check_plan() {
    for (const StagePlan& planned :
         request_.approved != nullptr ? request_.approved->stages : std::vector<StagePlan>()) {
      const auto& stages = request_.pipeline->stages;
      if (std::none_of(stages.begin(), stages.end(), [&](const pipeline::Stage& stage) {
            return stage.id == planned.stage;
          })) {
        return Error{Errc::conflict,
                     fmt::format("the plan has a stage {}, and the pipeline has none",
                                 printable(planned.stage)),
                     "make a new plan with `deployflow plan --out FILE`"};
      }
    }
    return {};
  }

  Result<void> scan() {
    if (request_.site.empty()) {
      return {};
    }
    auto walked = site::walk(request_.site, request_.single_key, artifacts_, request_.stop);
    if (!walked) {
      return walked.error();
    }
    events_.send(SiteScanned{request_.site_name, artifacts_.count(), artifacts_.total_bytes()});
    for (const auto& path : walked->skipped) {
      events_.log(LogLevel::debug, "host", fmt::format("left out {}", printable(path)));
    }
    for (auto& problem : walked->problems) {
      Finding finding;
      finding.stage = "site";
      finding.severity = problem.severity == site::Problem::Severity::warning ? Severity::warning
                                                                              : Severity::error;
      finding.code = std::move(problem.code);
      finding.message = std::move(problem.message);
      finding.hint = std::move(problem.hint);
      finding.file = std::move(problem.path);
      events_.finding(std::move(finding));
    }
    if (events_.errors() > 0) {
      return Error{Errc::input,
                   fmt::format("{} cannot be deployed as it is", printable(request_.site_name))};
    }
    if (artifacts_.count() == 0) {
      return Error{Errc::input,
                   fmt::format("{} holds no files", printable(request_.site_name)),
                   "build the site first, or name another folder"};
    }
    return {};
  }

  Result<void> make_stages() {
    for (const auto& stage : request_.pipeline->stages) {
      auto type = request_.registry->resolve(stage.uses);
      if (!type) {
        return type.error();
      }
      auto instance = StageInstance::make(state_, **type, stage);
      if (!instance) {
        return instance.error();
      }
      stages_.push_back(std::move(instance).value());
    }
    return {};
  }

  /// Endpoints and credentials of all targets in use are settled before the first byte is sent
  /// anywhere.
  Result<void> open_targets() {
    for (const auto& target : request_.pipeline->targets) {
      for (std::size_t i = 0; i < stages_.size(); ++i) {
        if ((stages_[i]->capabilities() & k_remote) != 0 &&
            mentions(request_.pipeline->stages[i].with, target.config.name)) {
          auto opened = targets_.open(target.config.name);
          if (!opened) {
            return opened.error();
          }
        }
      }
    }
    return {};
  }

  /// Warnings of a stage that writes come too late to hold anything back.
  Result<void> check_warnings() {
    const std::uint64_t warnings = events_.warnings();
    if (wrote_ || !request_.max_warnings || warnings <= *request_.max_warnings) {
      return {};
    }
    too_many_warnings_ = true;
    return Error{Errc::input,
                 fmt::format("{} warning{}, and at most {} {} allowed",
                             warnings,
                             warnings == 1 ? "" : "s",
                             *request_.max_warnings,
                             *request_.max_warnings == 1 ? "is" : "are")};
  }

  Result<void> run_stages() {
    Result<void> outcome;
    for (auto& stage : stages_) {
      const bool remote = (stage->capabilities() & k_remote) != 0;
      if (outcome && (stage->capabilities() & DF_CAP_REMOTE_WRITE) != 0) {
        outcome = check_warnings();
      }
      if (!outcome && (remote || outcome.error().code != Errc::input)) {
        break;  // the barrier; local checkers still say what else they find
      }
      if (request_.stop.stop_requested()) {
        return cancelled_error();
      }
      events_.send(StageStarted{stage->id()});
      const auto started = std::chrono::steady_clock::now();
      auto ran = stage->run(artifacts_.count(), artifacts_.total_bytes());
      events_.flush_plan(stage->id());
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
      events_.send(StageFinished{stage->id(), ran.ok(), seconds.count()});
      wrote_ = wrote_ || (stage->capabilities() & DF_CAP_REMOTE_WRITE) != 0;
      const bool is_excused = !ran && stage->may_fail() && ran.error().code != Errc::cancelled;
      if (is_excused && ran.error().code == Errc::plugin) {  // no finding has told it
        events_.log(LogLevel::warning, stage->id(), ran.error().message);
      }
      if (!ran && outcome && !is_excused) {
        outcome = std::move(ran);
      }
    }
    if (request_.stop.stop_requested() && !outcome) {
      return cancelled_error();
    }
    return outcome ? check_warnings() : outcome;
  }

  /// Asks the types: when the site itself is at fault, no stage was made.
  bool writes_anywhere() {
    return std::any_of(
        request_.pipeline->stages.begin(), request_.pipeline->stages.end(), [&](const auto& stage) {
          const auto type = request_.registry->resolve(stage.uses);
          return type && ((*type)->table->caps & DF_CAP_REMOTE_WRITE) != 0;
        });
  }

  RunFinished summary(const Result<void>& outcome) {
    RunFinished finished;
    finished.run_id = state_.run_id;
    finished.ok = outcome.ok();
    finished.dry_run = request_.dry_run;
    finished.has_site = !request_.site.empty();
    finished.changes = events_.changes();
    finished.checks_only = !writes_anywhere();
    if (!outcome) {
      finished.error = outcome.error();
      finished.checks_failed = outcome.error().code == Errc::input && !wrote_;
    }
    finished.errors = events_.errors();
    finished.warnings = events_.warnings();
    finished.too_many_warnings = too_many_warnings_;
    finished.outputs = events_.outputs();
    for (const auto& target : request_.pipeline->targets) {
      if (!target.is_aside && targets_.was_asked_for(target.config.name)) {
        finished.targets.push_back(target_result(target));
      }
    }
    if (finished.ok && finished.has_site && !finished.checks_only && !finished.targets.empty()) {
      const auto public_one = std::find_if(request_.pipeline->targets.begin(),
                                           request_.pipeline->targets.end(),
                                           [&](const auto& target) {
                                             return !target.is_aside &&
                                                    !target.config.url.empty() &&
                                                    targets_.was_asked_for(target.config.name);
                                           });
      const std::string& name = public_one != request_.pipeline->targets.end()
                                    ? public_one->config.name
                                    : finished.targets.front().name;
      finished.url =
          std::find_if(finished.targets.begin(), finished.targets.end(), [&](const auto& t) {
            return t.name == name;
          })->url;
    }
    return finished;
  }

  TargetResult target_result(const pipeline::Target& target) {
    TargetResult result;
    result.name = target.config.name;
    result.display = target.config.display();
    const EventHub::TargetTally tally = events_.tally(result.name);
    result.state = tally.state;
    result.stored = tally.stored;
    result.deleted = tally.deleted;
    result.kept = tally.kept;
    result.bytes = tally.bytes;
    if (auto opened = targets_.open(result.name)) {
      result.url = public_url(**opened);
    }
    return result;
  }

  /// Where a visitor would start: the only file, or the folder's index.html.
  std::string public_url(const store::TargetStore& target) {
    std::string start;
    if (artifacts_.count() == 1) {
      start = artifacts_.get(artifacts_.ids().front())->key;
    } else if (artifacts_.find("index.html")) {
      start = "index.html";
    }
    if (target.config().url.empty()) {
      return target.object_url(start);
    }
    return start == "index.html" ? target.config().url
                                 : target.config().url + store::encode_path(start);
  }

  const Request& request_;
  ThreadPool pool_;
  EventHub events_;
  site::ArtifactSet artifacts_;
  TargetBook targets_;
  Approval approval_;
  RunState state_;
  std::vector<std::unique_ptr<StageInstance>> stages_;
  bool wrote_ = false;  // a stage that writes has started
  bool too_many_warnings_ = false;
};

}  // namespace

RunFinished execute(const Request& request, EventSink& sink) {
  return Run(request, sink).execute();
}

}  // namespace deployflow::run
