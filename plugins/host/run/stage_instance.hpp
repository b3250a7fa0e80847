// One stage of the pipeline at work: created, configured, run and destroyed through its C table.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/pipeline/pipeline.hpp"
#include "plugins/host/run/stage_call.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace deployflow::run {

class StageInstance {
 public:
  /// create() and configure(). `stage` is prepared and outlives the instance. Errors: `config` or
  /// `plugin`; the findings that tell why have been sent.
  static Result<std::unique_ptr<StageInstance>> make(RunState& run,
                                                     const load::StageType& type,
                                                     const pipeline::Stage& stage);
  ~StageInstance();  // destroy()
  StageInstance(const StageInstance&) = delete;
  StageInstance& operator=(const StageInstance&) = delete;

  /// run(), or process() for every artifact. Errors: `input` if a stage that writes nothing found
  /// errors; else what its status says.
  Result<void> run(std::uint64_t artifact_count, std::uint64_t artifact_bytes);

  [[nodiscard]] const std::string& id() const { return state_.id; }
  [[nodiscard]] bool may_fail() const { return state_.may_fail; }
  [[nodiscard]] std::uint32_t capabilities() const { return state_.type.table->caps; }

 private:
  StageInstance(RunState& run, const load::StageType& type, const pipeline::Stage& stage);

  Result<void> check(df_status status);
  df_status run_all(df_ctx& call, std::uint64_t artifact_count, std::uint64_t artifact_bytes);
  df_status process_all();

  StageState state_;
  df_ctx create_call_;  // create()'s context is good until destroy() returns
  void* self_ = nullptr;
};

}  // namespace deployflow::run
