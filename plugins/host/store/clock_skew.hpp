// How far a store's clock is from ours, learned when it complains, so that signatures carry its
// time.

#pragma once

#include "plugins/host/base/time.hpp"
#include "plugins/host/store/http.hpp"

#include <chrono>

namespace deployflow::store {

/// One thread: the loop's.
class ClockSkew {
 public:
  explicit ClockSkew(const Clock& clock) : clock_(clock) {}

  /// The time to sign with.
  [[nodiscard]] WallTime now() const {
    return std::chrono::floor<std::chrono::seconds>(clock_.now()) + offset_;
  }
  [[nodiscard]] std::chrono::seconds offset() const { return offset_; }

  /// Take the time from an answer to a request that began `took` ago. A cached answer (Age) tells
  /// nothing, and more than a day is not believed. Returns whether the offset is another now.
  bool learn(const HttpResponse& response, std::chrono::steady_clock::duration took);

 private:
  const Clock& clock_;
  std::chrono::seconds offset_{0};
};

}  // namespace deployflow::store
