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
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::release {

/// Completes an operation: its kind and where the bytes come from. Its key, target and tag are set.
/// What it points to stays valid until the next call.
using Fill = std::function<void(df_op&, std::size_t index)>;

/// A line of the plan: DF_PUT ... DF_KEEP, and why.
struct PlanLine {
  std::int32_t action = DF_KEEP;
  std::string reason;
};

/// What goes to one target.
struct Shipment {
  std::string target;
  const Inventory* wanted = nullptr;  // outlives the delivery
  Phases phases;                      // of its objects
  Fill fill;
  std::function<PlanLine(std::size_t)> plan;  // null = not a part of the plan
  std::vector<UnfinishedUpload> uploads;      // of earlier runs, to be aborted when all is stored
  /// May this target be written now? DF_OK, or why not: then the rest of it is left. Null = always.
  std::function<df_status()> may_write;
  /// After a failure: true = give the object once more, fill() knows another way.
  std::function<bool(std::size_t, const df_op_result&)> other_way;
  /// An object is stored and confirmed.
  std::function<void(std::size_t, const df_op_result&)> stored;
  bool is_site = true;  // what visitors see, in whole: the host is told how far it is
  /// May they see that a phase has begun? Null = as order.hpp says of a Phase.
  std::function<bool(std::uint8_t phase)> is_visible;
};

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
  /// `stage`: prefix of the findings' codes.
  Delivery(Ctx ctx, std::string_view stage) : ctx_(ctx), stage_(stage) {}

  /// Call for all targets before run(), and declare() for each before that.
  void add(Shipment shipment);

  /// Store everything; afterwards abort the unfinished uploads of targets that are current. The
  /// outcomes are in the order of add(). Throws Cancelled if interrupted.
  std::vector<Outcome> run(const Store& store);

 private:
  struct Route {
    explicit Route(Shipment given) : shipment(std::move(given)), lane(shipment.phases) {}

    Shipment shipment;
    Lane lane;
    Outcome outcome;
    std::int32_t state = DF_SITE_UNCHANGED;  // as last told to the host
  };

  void announce(Route& route, std::int32_t state);
  df_status next(df_op& op);
  void done(const df_op_result& result);
  void report(const Route& route, std::size_t index, const df_op_result& result);
  void abort_unfinished(const Store& store);

  Ctx ctx_;
  std::string stage_;
  std::deque<Route> routes_;
  std::size_t turn_ = 0;  // of the route that is asked first: they take turns
  std::uint64_t files_done_ = 0, files_total_ = 0, bytes_done_ = 0, bytes_total_ = 0;
};

/// Tell the host what a shipment would change.
void declare(Ctx ctx, const Shipment& shipment);

/// The plan's line for a verdict.
PlanLine plan_line(Verdict verdict);

/// "primary: 40 of 42 files stored (1200 bytes), 370 already there"
std::string summary(const Outcome& outcome);

}  // namespace deployflow::release
