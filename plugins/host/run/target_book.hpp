// The stores of a run: opened once each, shared by its stages, closed together.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/pipeline/pipeline.hpp"
#include "plugins/host/store/target_store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace deployflow::run {

/// Thread-safe.
class TargetBook {
 public:
  TargetBook(const pipeline::Pipeline& pipeline,
             Environment environment,
             store::DryRun dry_run,
             StopToken stop,
             ThreadPool& pool,
             std::function<void(std::string_view)> trace);

  /// The store of the target `name`, opened at the first call. "name/folder/" is the same target
  /// with that folder behind its prefix and its URL. Never null. Errors: `config` if there is no
  /// such target or its endpoint is malformed; `auth` without credentials. A failure is kept, too.
  Result<store::TargetStore*> open(std::string_view name);

  /// Another book of the same targets, whose stores `stop` stops.
  [[nodiscard]] std::unique_ptr<TargetBook> again(StopToken stop) const;

  /// Names of the targets that open() was asked for.
  [[nodiscard]] bool was_asked_for(std::string_view name) const;

 private:
  const pipeline::Pipeline& pipeline_;
  Environment environment_;
  store::DryRun dry_run_;
  StopToken stop_;
  ThreadPool& pool_;
  std::function<void(std::string_view)> trace_;
  mutable std::mutex mutex_;               // guards all below
  std::unique_ptr<store::Engine> engine_;  // before the stores: destroyed after them
  std::map<std::string, Result<std::unique_ptr<store::TargetStore>>, std::less<>> stores_;
};

}  // namespace deployflow::run
