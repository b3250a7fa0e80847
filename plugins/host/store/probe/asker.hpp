// One operation at a time, waited for, and given up when the user stops or patience ends.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/store/object_store.hpp"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace deployflow::store {

/// Not on the loop's thread. The engine behind the store has a stop of its own, so that what was
/// written can still be removed when the user has asked to stop.
class Asker {
 public:
  /// `store` outlives it and what was given up. `patience`: for each operation.
  Asker(ObjectStore& store, StopToken stop, std::chrono::milliseconds patience)
      : store_(store), stop_(std::move(stop)), patience_(patience) {}

  /// Errors: the store's; `cancelled` half a second after the stop, the operation may then still
  /// happen; `network` when patience ends.
  Outcome ask(Operation operation);

  [[nodiscard]] bool stopped() const { return stop_.stop_requested(); }
  /// Was an operation given up that may still happen?
  [[nodiscard]] bool gave_up() const { return !given_up_.empty(); }
  /// Wait for what was given up. Its engine must have been stopped, or this takes long.
  void settle();

 private:
  ObjectStore& store_;
  StopToken stop_;
  std::chrono::milliseconds patience_;
  struct Answer;
  std::vector<std::shared_ptr<Answer>> given_up_;
};

}  // namespace deployflow::store
