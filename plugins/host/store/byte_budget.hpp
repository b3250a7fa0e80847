// How many bytes of objects may be in memory at once, awaited without blocking.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>

namespace deployflow::store {

/// One thread: the loop's. Waiting tasks are served in order, so a large one is not starved.
class ByteBudget {
 public:
  explicit ByteBudget(std::uint64_t bytes) : free_(bytes), total_(bytes) {}

  /// Run `task` once `bytes` are free, perhaps at once; it gives them back by release(). A wish for
  /// more than there is waits for everything: ask for the same number in release().
  void acquire(std::uint64_t bytes, std::function<void()> task);
  void release(std::uint64_t bytes);

 private:
  struct Waiting {
    std::uint64_t bytes;
    std::function<void()> task;
  };
  void serve();

  std::uint64_t free_;
  std::uint64_t total_;
  std::deque<Waiting> waiting_;
  bool serving_ = false;
};

}  // namespace deployflow::store
