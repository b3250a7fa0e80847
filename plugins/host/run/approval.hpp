// Holds a run to a plan, or keeps the plan of a dry run.
//
//   plan     a dry run: what its stages declare is collected, and left whole at the end
//   apply    the same is collected again by the real run, stage by stage, and compared before the
//            stage's first write: what is not exactly so is a conflict, and nothing more is written
//
// The comparison is made when the stage says that its plan is whole, which for those that lock
// their targets is under that lock: what was looked at cannot move before it is written.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/run/event.hpp"
#include "plugins/host/run/plan.hpp"
#include "plugins/host/run/target_book.hpp"
#include "plugins/host/site/artifact_set.hpp"

#include <deployflow/stage.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::run {

/// Thread-safe.
class Approval {
 public:
  enum class Keep : std::uint8_t { no, yes };

  /// `approved`: what the run is held to; null = to nothing. Keep: is the plan asked for? Without
  /// both, every call answers at once.
  Approval(const Plan* approved,
           Keep keep,
           site::ArtifactSet& artifacts,
           TargetBook& targets,
           ThreadPool& pool,
           StopToken stop)
      : approved_(approved),
        is_on_(approved != nullptr || keep == Keep::yes),
        artifacts_(artifacts),
        targets_(targets),
        pool_(pool),
        stop_(std::move(stop)) {}

  /// A stage declares a change.
  void add(const PlanEntry& entry);

  using Base = std::pair<std::string, std::string>;  // target, what is live there

  /// The plan of the calling stage is whole; the first call for a stage counts. DF_CONFLICT: it is
  /// not the approved one, and the finding that says why has been given. `call` has the stage.
  df_status settle(df_ctx& call, const std::vector<Base>& bases);

  /// May the stage, whose plan is settled, store or delete an object of the site?
  [[nodiscard]] bool allows(const std::string& stage,
                            std::string_view target,
                            std::string_view key,
                            bool removes) const;

  /// What was collected. The last call.
  [[nodiscard]] Plan take();

 private:
  using Changes = std::map<std::pair<std::string, Action>, PlannedChange>;
  struct Collected {
    std::string base;
    std::uint64_t kept = 0;
    Changes changes;
  };
  using Targets = std::map<std::string, Collected, std::less<>>;
  struct Settled {
    std::string stage;
    std::string site_sha256;
  };

  [[nodiscard]] const StagePlan* find_approved(std::string_view stage) const;
  [[nodiscard]] const Settled* find_settled(std::string_view stage) const;
  [[nodiscard]] StagePlan make_plan(const Settled& settled) const;
  Result<void> look_at_files(const std::string& stage, Settled& settled);
  df_status refuse(df_ctx& call, const Error& error);

  const Plan* const approved_;
  const bool is_on_;
  site::ArtifactSet& artifacts_;
  TargetBook& targets_;
  ThreadPool& pool_;
  const StopToken stop_;
  mutable std::mutex mutex_;  // guards all below
  std::map<std::string, Targets, std::less<>> stages_;
  std::vector<Settled> settled_;  // in the order in which they were
  bool is_refused_ = false;
};

}  // namespace deployflow::run
