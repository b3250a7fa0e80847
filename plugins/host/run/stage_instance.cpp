#include "plugins/host/run/stage_instance.hpp"

#include "plugins/host/load/status.hpp"
#include "plugins/host/run/approval.hpp"
#include "plugins/host/run/value_table.hpp"

#include <spdlog/fmt/fmt.h>

#include <atomic>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace deployflow::run {
namespace {

df_str lend_known(const std::string& text) {
  return text.empty() ? df_str{} : lend(text);
}

}  // namespace

StageInstance::StageInstance(RunState& run,
                             const load::StageType& type,
                             const pipeline::Stage& stage)
    : state_{run, type, stage.id, {}, {}, 0, stage.may_fail}, create_call_(state_) {}

StageInstance::~StageInstance() {
  if (self_ != nullptr) {
    state_.type.table->destroy(self_);
  }
  if (!state_.temp_folder.empty()) {
    std::error_code ignored;  // what is left in a temporary folder harms nobody
    std::filesystem::remove_all(state_.temp_folder, ignored);
  }
}

Result<std::unique_ptr<StageInstance>> StageInstance::make(RunState& run,
                                                           const load::StageType& type,
                                                           const pipeline::Stage& stage) {
  std::unique_ptr<StageInstance> instance(new StageInstance(run, type, stage));
  const df_status created =
      type.table->create(&instance->create_call_, &host_table(), &instance->self_);
  TRY(instance->check(created));
  df_ctx call(instance->state_);
  TRY(instance->check(type.table->configure(instance->self_, &call, to_c(stage.with))));
  return instance;
}

Result<void> StageInstance::run(std::uint64_t artifact_count, std::uint64_t artifact_bytes) {
  df_ctx call(state_);
  const bool is_checker = state_.type.table->process != nullptr;
  df_status status = is_checker ? process_all() : run_all(call, artifact_count, artifact_bytes);
  if (status == DF_OK) {
    status =
        state_.run.approval.settle(call, {});  // of one that has not said when its plan is whole
  }
  return check(status);
}

df_status StageInstance::run_all(df_ctx& call,
                                 std::uint64_t artifact_count,
                                 std::uint64_t artifact_bytes) {
  df_run_info info{};
  info.struct_size = sizeof info;
  info.dry_run = state_.run.dry_run ? 1 : 0;
  info.run_id = lend(state_.run.run_id);
  info.stage_id = lend(state_.id);
  info.artifact_count = artifact_count;
  info.artifact_bytes = artifact_bytes;
  const Origin& origin = state_.run.origin;
  info.started_s = origin.started_s;
  info.site_is_file = state_.run.site_is_file ? 1 : 0;
  info.user = lend_known(origin.user);
  info.host = lend_known(origin.host);
  info.job_url = lend_known(origin.job_url);
  info.commit = lend_known(origin.commit);
  return state_.type.table->run(self_, &call, &info);
}

df_status StageInstance::process_all() {
  const std::vector<std::uint64_t> ids = state_.run.artifacts.ids();
  std::atomic<df_status> worst{DF_OK};
  std::atomic<std::uint64_t> done{0};
  const auto process = [&](std::size_t i) {
    if (state_.run.stop.stop_requested()) {
      worst = DF_CANCELLED;
      return;
    }
    if (auto artifact = state_.run.artifacts.get(ids[i])) {  // not dropped by the stage meanwhile
      df_ctx call(state_);
      const df_status status =
          state_.type.table->process(self_, &call, call.keep(std::move(artifact)));
      if (status != DF_OK) {
        worst = status;
      }
    }
    state_.run.events.progress({state_.id, ++done, ids.size(), 0, 0, "files"});
  };
  if ((capabilities() & DF_CAP_PARALLEL) != 0) {
    state_.run.pool.for_each(ids.size(), process);
  } else {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      process(i);
    }
  }
  return worst;
}

Result<void> StageInstance::check(df_status status) {
  const std::uint64_t errors = state_.errors;
  if (status == DF_OK && errors == 0) {
    return {};
  }
  if (status == DF_CANCELLED) {
    return cancelled_error();
  }
  const bool writes = (capabilities() & DF_CAP_REMOTE_WRITE) != 0;
  if (errors == 0) {
    const Error silent{
        Errc::plugin,
        fmt::format(
            "stage {} returned {} without saying why", state_.id, load::status_name(status)),
        "report it to the plugin's author"};
    return silent;
  }
  const Errc told = status == DF_OK ? Errc::input : load::to_errc(status);
  return Error{
      told == Errc::input && writes ? Errc::remote : told,
      fmt::format("stage {} found {} {}", state_.id, errors, errors == 1 ? "error" : "errors")};
}

}  // namespace deployflow::run
