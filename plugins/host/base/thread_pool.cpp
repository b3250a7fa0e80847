#include "plugins/host/base/thread_pool.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace deployflow {

namespace {

thread_local const ThreadPool* t_pool_of_this_thread = nullptr;

}  // namespace

ThreadPool::ThreadPool(std::size_t threads) {
  if (threads == 0) {
    threads = std::max(1U, std::thread::hardware_concurrency());
  }
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { run(); });
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    thread.join();
  }
}

void ThreadPool::submit(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void ThreadPool::for_each(std::size_t count, const std::function<void(std::size_t)>& work) {
  if (t_pool_of_this_thread == this) {
    for (std::size_t i = 0; i < count; ++i) {
      work(i);
    }
    return;
  }
  std::mutex mutex;
  std::condition_variable done;
  std::atomic<std::size_t> next{0};
  const std::size_t workers = std::min(count, size());
  std::size_t running = workers;  // guarded by mutex
  for (std::size_t w = 0; w < workers; ++w) {
    submit([&] {
      for (std::size_t i = next++; i < count; i = next++) {
        work(i);
      }
      const std::lock_guard lock(mutex);  // notify under the lock: the waiter owns these locals
      if (--running == 0) {
        done.notify_one();
      }
    });
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return running == 0; });
}

void ThreadPool::run() {
  t_pool_of_this_thread = this;
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) {
        return;
      }
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace deployflow
