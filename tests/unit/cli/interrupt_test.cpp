#include "cli/interrupt.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <latch>

namespace deployflow::cli {
namespace {

TEST_CASE("the first signal asks to stop, whichever it is") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    std::latch told(1);
    const Interrupts interrupts([&] { told.count_down(); }, [] {});
    CHECK_FALSE(interrupts.token().stop_requested());
    ::kill(::getpid(), signal);
    told.wait();
    CHECK(interrupts.token().stop_requested());
  }
}

TEST_CASE("the second signal cleans up and exits with 130, whatever the run is doing") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::latch first(1);
    std::atomic<bool> cleaned = false;
    const Interrupts interrupts([&] { first.count_down(); },
                                [&] {
                                  if (cleaned.exchange(true)) {
                                    ::_exit(1);
                                  }
                                });
    ::kill(::getpid(), SIGINT);
    first.wait();
    ::kill(::getpid(), SIGINT);
    for (;;) {
      ::pause();
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
}

TEST_CASE("the second signal ends the process also while nobody listens to the first") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::latch first(1);
    const Interrupts interrupts(
        [&] {
          first.count_down();
          for (;;) {
            ::pause();
          }
        },
        [] {});
    ::kill(::getpid(), SIGINT);
    first.wait();
    ::kill(::getpid(), SIGINT);
    for (;;) {
      ::pause();
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
}

TEST_CASE("a signal that was ignored when we started stays ignored, as nohup wants") {
  ::signal(SIGHUP, SIG_IGN);
  {
    std::latch told(1);
    int calls = 0;
    const Interrupts interrupts([&] { ++calls, told.count_down(); }, [&] { ++calls; });
    ::kill(::getpid(), SIGHUP);  // not waited for: if it counted, the next would be the second
    ::kill(::getpid(), SIGINT);
    told.wait();
    CHECK(calls == 1);
  }
  ::signal(SIGHUP, SIG_DFL);
}

}  // namespace
}  // namespace deployflow::cli
