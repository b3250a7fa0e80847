// One call into a stage: what df_ctx points to.
//
// A stage instance lives through several calls (create, configure, process for each file or run,
// destroy), and process() may run many times at once; each call has its own StageCall, which keeps
// what the host handed out alive until the call returns.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/load/registry.hpp"
#include "plugins/host/run/event_hub.hpp"
#include "plugins/host/run/origin.hpp"
#include "plugins/host/run/target_book.hpp"
#include "plugins/host/site/artifact_set.hpp"

#include <deployflow/stage.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::run {

class Approval;

/// What all stages of a run share. Everything in it is thread-safe.
struct RunState {
  std::string run_id;
  std::string pipeline_file;
  bool dry_run = false;
  StopToken stop;
  Environment environment;
  EventHub& events;
  site::ArtifactSet& artifacts;
  TargetBook& targets;
  Approval& approval;
  ThreadPool& pool;
  Origin origin;
  bool site_is_file = false;
};

/// What all calls of one stage instance share.
struct StageState {
  RunState& run;
  const load::StageType& type;
  std::string id;
  std::mutex mutex;                      // guards temp_folder
  std::string temp_folder;               // made on demand, removed with the instance
  std::atomic<std::uint64_t> errors{0};  // ERROR findings
  bool may_fail = false;                 // they are shown as warnings
};

inline std::string_view view(df_str text) {
  return text.p != nullptr ? std::string_view(text.p, text.n) : std::string_view();
}
inline df_str lend(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace deployflow::run

/// An iteration. Only the artifact that was handed out last is kept for the stage.
struct df_cursor {
  std::vector<std::uint64_t> ids;
  std::size_t next = 0;
  deployflow::site::ArtifactSet::Pointer artifact;
  df_artifact view{};
};

/// The call that the C side knows as its context. Thread-safe.
struct df_ctx {
 public:
  explicit df_ctx(deployflow::run::StageState& state) : stage_(state) {}
  df_ctx(const df_ctx&) = delete;
  df_ctx& operator=(const df_ctx&) = delete;

  [[nodiscard]] deployflow::run::StageState& stage() { return stage_; }
  [[nodiscard]] deployflow::run::RunState& run() { return stage_.run; }
  [[nodiscard]] bool has(std::uint32_t capability) const {
    return (stage_.type.table->caps & capability) != 0;
  }

  /// Keep a copy of `text` until the call returns.
  df_str keep(std::string_view text);
  /// A view of an artifact, kept as long.
  const df_artifact* keep(deployflow::site::ArtifactSet::Pointer artifact);
  df_cursor* keep(std::unique_ptr<df_cursor> cursor);

  /// An ERROR finding from the host itself, such as a store's answer. Returns the status that says
  /// the same.
  df_status fail(const deployflow::Error& error, std::string_view code, std::string_view key = {});

 private:
  deployflow::run::StageState& stage_;
  std::mutex mutex_;  // guards all below
  // Many short texts in few pieces, none of which is ever moved.
  std::deque<std::string> pieces_;
  std::deque<df_artifact> views_;
  std::deque<deployflow::site::ArtifactSet::Pointer> held_;
  std::deque<std::unique_ptr<df_cursor>> cursors_;
};

namespace deployflow::run {

/// What a stage sees of an artifact, which outlives the view.
df_artifact view_of(const site::Artifact& artifact);

/// The table that every stage gets.
const df_host& host_table();
/// Its optional table DF_OBJECTSTORE.
const df_objectstore& store_table();

/// Runs a host function on behalf of a plugin: no exception crosses into it.
template <class F>
df_status guarded(df_ctx* ctx, F&& work) noexcept {
  if (ctx == nullptr) {
    return DF_INTERNAL;
  }
  try {
    if (ctx->run().stop.stop_requested()) {
      return DF_CANCELLED;
    }
    return work(*ctx);
  } catch (...) {
    return DF_INTERNAL;  // out of memory: all else is a Result
  }
}

}  // namespace deployflow::run
