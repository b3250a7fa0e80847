// Ctrl-C, SIGTERM and SIGHUP: the first asks the run to stop, the second ends the process at once.

#pragma once

#include "plugins/host/base/cancel.hpp"

#include <signal.h>

#include <functional>
#include <stop_token>
#include <thread>

namespace deployflow::cli {

/// Make before any other thread: the signals are blocked in every thread that is made later, and
/// one thread waits for them, so no system call is ever interrupted. One that was ignored stays
/// ignored (nohup).
class Interrupts {
 public:
  /// `on_first` is called on a thread of its own, and may block. `on_second` must not: after it the
  /// process exits with 130.
  Interrupts(std::function<void()> on_first, std::function<void()> on_second);
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  [[nodiscard]] StopToken token() const { return stop_.get_token(); }

 private:
  void wait(const StopToken& end);

  std::function<void()> on_first_;
  std::function<void()> on_second_;
  sigset_t signals_{};
  sigset_t before_{};
  std::stop_source stop_;
  std::thread telling_;  // of the first; made by thread_
  std::jthread thread_;
};

}  // namespace deployflow::cli
