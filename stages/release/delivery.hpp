// Carries objects to one or more targets in the safe order, through the host's object stores.
//
// All targets share one stream of operations, so a slow one does not hold up another; each has its
// own barriers, and one that fails stops alone. For every object that could not be stored there is
// a finding; what a visitor of each target may see is told to the host before it can come true.

#pragma once

#include "stages/release/compare.hpp"
#include "stages/release/holdings.hpp"
#include "stages/release/inventory.hpp"
#include "stages/release/lane.hpp"

#include <deployflow/stage.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

/// Completes an operation: its kind and where the bytes come from. Its key, target and tag are set.
/// What it points to stays valid until the next call.
using Fill = std::function<void(df_op&, std::size_t index)>;

/// What became of one target.
struct Outcome {
  std::string target;
  std::uint64_t total = 0;   // objects that had to be stored
  std::uint64_t stored = 0;  // ... and are, confirmed
  std::uint64_t kept = 0;    // were there already
  std::uint64_t bytes = 0;   // of those stored
  df_status status = DF_OK;  // why not all are stored

  [[nodiscard]] bool is_current() const { return status == DF_OK && stored == total; }
};

/// One thread.
class Delivery {
 public:
  /// `stage`: prefix of the findings' codes. `wanted` outlives this.
  Delivery(Ctx ctx, std::string_view stage, const Inventory& wanted, Fill fill);

  /// Declare a target and its plan. Call for all targets before run().
  void add(std::string_view target,
           const Verdicts& verdicts,
           std::vector<UnfinishedUpload> uploads);

  /// Store everything; afterwards abort the unfinished uploads of targets that are current. The
  /// outcomes are in the order of add(). Throws Cancelled if interrupted.
  std::vector<Outcome> run(const Store& store);

 private:
  struct Route {
    Route(const Inventory& wanted, const Verdicts& verdicts) : lane(wanted, verdicts) {}

    Lane lane;
    Outcome outcome;
    std::vector<UnfinishedUpload> uploads;
    std::int32_t state = DF_SITE_UNCHANGED;  // as last told to the host
  };

  void announce(Route& route, std::int32_t state);
  df_status next(df_op& op);
  void done(const df_op_result& result);
  void report(const Route& route, std::size_t index, const df_op_result& result);
  void abort_unfinished(const Store& store);

  Ctx ctx_;
  std::string stage_;
  const Inventory* wanted_;
  Fill fill_;
  std::vector<Route> routes_;
  std::size_t turn_ = 0;  // of the route that is asked first: they take turns
  std::uint64_t files_done_ = 0, files_total_ = 0, bytes_done_ = 0, bytes_total_ = 0;
};

/// "primary: 40 of 42 files stored (1200 bytes), 370 already there"
std::string summary(const Outcome& outcome);

}  // namespace deployflow::release
