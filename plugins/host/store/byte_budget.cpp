#include "plugins/host/store/byte_budget.hpp"

#include <algorithm>
#include <utility>

namespace deployflow::store {

void ByteBudget::acquire(std::uint64_t bytes, std::function<void()> task) {
  waiting_.push_back({std::min(bytes, total_), std::move(task)});
  serve();
}

void ByteBudget::release(std::uint64_t bytes) {
  free_ += std::min(bytes, total_);
  serve();
}

void ByteBudget::serve() {
  if (serving_) {
    return;  // a task that acquires or releases is served by the loop below, not deeper and deeper
  }
  serving_ = true;
  while (!waiting_.empty() && waiting_.front().bytes <= free_) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    free_ -= next.bytes;
    next.task();
  }
  serving_ = false;
}

}  // namespace deployflow::store
