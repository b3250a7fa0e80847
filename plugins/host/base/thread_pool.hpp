// A bounded pool for CPU work and file reads: digests, parsing, compression.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace deployflow {

/// Thread-safe. Tasks start in the order of submission and must not throw. The destructor runs what
/// was submitted, then joins.
class ThreadPool {
 public:
  /// `threads` is at least 1; 0 means one per core.
  explicit ThreadPool(std::size_t threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void submit(std::function<void()> task);
  [[nodiscard]] std::size_t size() const { return threads_.size(); }

  /// Call `work(i)` for i in [0, count) on the pool and wait for all; on a thread of the pool
  /// itself, do all of it there, because waiting for the others could wait for ever.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  void run();

  std::mutex mutex_;  // guards tasks_ and stopping_
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace deployflow
