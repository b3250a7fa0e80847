// Bytes that one thread has and another wants, a piece at a time: a store pushes what it reads, a
// parser pulls what it needs, and neither keeps the whole.

#pragma once

#include <condition_variable>
#include <mutex>
#include <string_view>

namespace deployflow::release {

class Handover {
 public:
  /// Blocks until the piece was used up, or no more is wanted.
  void give(std::string_view piece);
  /// No more comes.
  void end();

  /// The next piece, valid until the next call; "" at the end. Blocks.
  std::string_view take();
  /// No more is wanted.
  void stop();

 private:
  std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::string_view piece_;
  bool is_taken_ = false;  // the piece is in use
  bool is_ended_ = false;
  bool is_stopped_ = false;
};

}  // namespace deployflow::release
