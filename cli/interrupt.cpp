#include "cli/interrupt.hpp"

#include "cli/exit_code.hpp"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <utility>

namespace deployflow::cli {
namespace {

// Wakes the thread at the end, so that no run lasts longer than its work. Nobody sends it
// otherwise, and whoever does is not heard.
constexpr int k_end = SIGURG;

}  // namespace

Interrupts::Interrupts(std::function<void()> on_first, std::function<void()> on_second)
    : on_first_(std::move(on_first)), on_second_(std::move(on_second)) {
  ::sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction current {};
    ::sigaction(signal, nullptr, &current);
    if (current.sa_handler != SIG_IGN) {
      ::sigaddset(&signals_, signal);
    }
  }
  sigset_t blocked = signals_;
  ::sigaddset(&blocked, k_end);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  thread_ = std::jthread([this](const StopToken& end) { wait(end); });
}

Interrupts::~Interrupts() {
  thread_.request_stop();
  ::pthread_kill(thread_.native_handle(), k_end);
  thread_.join();
  if (telling_.joinable()) {
    telling_.join();
  }
  // One that came too late to be heard, when all was done, must not end the process in its place.
  constexpr timespec k_at_once{0, 0};
  while (::sigtimedwait(&signals_, nullptr, &k_at_once) > 0) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupts::wait(const StopToken& end) {
  sigset_t waited = signals_;
  ::sigaddset(&waited, k_end);
  while (!end.stop_requested()) {
    const int signal = ::sigwaitinfo(&waited, nullptr);
    if (signal < 0 || signal == k_end) {
      continue;
    }
    if (!telling_.joinable()) {
      // Whoever hears of it may hang, as a terminal does that nobody reads. We wait for the second.
      telling_ = std::thread([this] {
        stop_.request_stop();
        on_first_();
      });
      continue;
    }
    on_second_();
    ::_exit(static_cast<int>(ExitCode::interrupted));
  }
}

}  // namespace deployflow::cli
