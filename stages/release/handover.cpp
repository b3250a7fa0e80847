#include "stages/release/handover.hpp"

namespace deployflow::release {

void Handover::give(std::string_view piece) {
  std::unique_lock lock(mutex_);
  piece_ = piece;
  wake_.notify_all();
  wake_.wait(lock, [this] { return piece_.empty() || is_stopped_; });
}

void Handover::end() {
  const std::lock_guard lock(mutex_);
  is_ended_ = true;
  wake_.notify_all();
}

std::string_view Handover::take() {
  std::unique_lock lock(mutex_);
  if (is_taken_) {
    is_taken_ = false;
    piece_ = {};
    wake_.notify_all();
  }
  wake_.wait(lock, [this] { return !piece_.empty() || is_ended_; });
  is_taken_ = !piece_.empty();
  return piece_;
}

void Handover::stop() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  wake_.notify_all();
}

}  // namespace deployflow::release
