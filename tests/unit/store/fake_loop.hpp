// A Loop that runs when it is told to, on the thread that tells it; its clock moves by hand.

#pragma once

#include "plugins/host/store/loop.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace deployflow::store {

class FakeLoop final : public Loop {
 public:
  void post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    posted_.notify_one();
  }
  void after(std::chrono::milliseconds delay, std::function<void()> task) override {
    delays.push_back(delay);
    timers_.emplace(now_ + delay, std::move(task));
  }
  [[nodiscard]] bool cancelled() const override { return stopped; }
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override { return now_; }

  /// Run until `done`; timers fire at once, in order, and the clock jumps to them.
  template <class Predicate>
  void run_until(Predicate done) {
    while (!done()) {
      if (run_one()) {
        continue;
      }
      if (!timers_.empty()) {
        auto node = timers_.extract(timers_.begin());
        now_ = std::max(now_, node.key());
        node.mapped()();
        continue;
      }
      std::unique_lock lock(mutex_);  // a pool thread will post
      posted_.wait(lock, [this] { return !tasks_.empty(); });
    }
  }
  /// Run what is posted, until nothing is.
  void drain() {
    while (run_one()) {
    }
  }

  bool stopped = false;
  std::vector<std::chrono::milliseconds> delays;  // that were asked for

 private:
  bool run_one() {
    std::function<void()> task;
    {
      const std::lock_guard lock(mutex_);
      if (tasks_.empty()) {
        return false;
      }
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }

  std::mutex mutex_;  // guards tasks_
  std::condition_variable posted_;
  std::deque<std::function<void()>> tasks_;
  std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> timers_;
  std::chrono::steady_clock::time_point now_{};
};

}  // namespace deployflow::store
