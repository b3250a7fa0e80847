#include "plugins/host/store/credentials/child_process.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <spdlog/fmt/fmt.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

namespace deployflow::store {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds k_look_again{20};  // for the end of a child that prints no more

Error failed(std::string_view what, int error) {
  return {Errc::auth, fmt::format("{}: {}", what, errno_text(error))};
}

int milliseconds_until(SteadyTime deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

struct SpawnSettings {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};

  explicit SpawnSettings(int out) {
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
      sigaddset(&usual, signal);
    }
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
};

/// A child of ours; killed and reaped if it is still there at the end.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (!status_) {
      ::kill(pid_, SIGKILL);
      reap(0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Its exit status, if it has ended.
  std::optional<int> ended() {
    if (!status_) {
      reap(WNOHANG);
    }
    return status_;
  }

 private:
  void reap(int flags) {
    int status = 0;
    pid_t got = 0;
    do {
      got = ::waitpid(pid_, &status, flags);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      status_ = 255;  // somebody else took it
    } else if (got == pid_) {
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }

  pid_t pid_;
  std::optional<int> status_;
};

class Reading {
 public:
  Reading(Fd pipe, Child& child, const ChildLimits& limits)
      : pipe_(std::move(pipe)),
        child_(child),
        limits_(limits),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        deadline_(std::chrono::steady_clock::now() + limits.timeout),
        on_stop_(limits.stop, [this] { ::eventfd_write(wake_.get(), 1); }) {}

  Result<ChildOutput> finish() {
    ChildOutput out;
    TRY(read_all(out.out));
    for (;;) {
      if (const auto status = child_.ended()) {
        out.status = *status;
        return out;
      }
      TRY(wait(-1, std::min(deadline_, std::chrono::steady_clock::now() + k_look_again)));
    }
  }

 private:
  Result<void> read_all(std::string& out) {
    std::array<char, 4096> piece{};
    for (;;) {
      TRY(wait(pipe_.get(), deadline_));
      const ssize_t got = ::read(pipe_.get(), piece.data(), piece.size());
      if (got == 0) {
        return {};
      }
      if (got < 0) {
        if (errno == EINTR || errno == EAGAIN) {
          continue;
        }
        return failed("its output cannot be read", errno);
      }
      out.append(piece.data(), static_cast<std::size_t>(got));
      if (out.size() > limits_.output_bytes) {
        return Error{Errc::auth,
                     fmt::format("printed over {}", format_bytes(limits_.output_bytes))};
      }
    }
  }

  // For input, or until then; an Error at the stop and past the deadline.
  Result<void> wait(int fd, SteadyTime until) {
    std::array<pollfd, 2> watched{{{wake_.get(), POLLIN, 0}, {fd, POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), milliseconds_until(until));
    if (limits_.stop.stop_requested()) {
      return cancelled_error();
    }
    if (watched[1].revents == 0 && std::chrono::steady_clock::now() >= deadline_) {
      return Error{
          Errc::auth,
          fmt::format("did not end within {} s",
                      std::chrono::duration_cast<std::chrono::seconds>(limits_.timeout).count())};
    }
    return {};
  }

  Fd pipe_;
  Child& child_;
  const ChildLimits& limits_;
  Fd wake_;
  SteadyTime deadline_;
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace

Result<ChildOutput> run_child(const std::vector<std::string>& argv, const ChildLimits& limits) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return failed("cannot be started", errno);
  }
  Fd reading(ends[0]);
  Fd writing(ends[1]);
  std::vector<std::string> words = argv;
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);

  const SpawnSettings settings(writing.get());
  pid_t pid = 0;
  const int error = ::posix_spawnp(
      &pid, pointers[0], &settings.files, &settings.attributes, pointers.data(), environ);
  if (error != 0) {
    return failed("cannot be started", error);
  }
  writing.reset();
  Child child(pid);
  return Reading(std::move(reading), child, limits).finish();
}

}  // namespace deployflow::store
