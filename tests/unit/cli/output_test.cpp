#include "cli/ui/output.hpp"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

namespace deployflow::cli {
namespace {

TEST_CASE("a closed pipe is remembered, not fatal") {
  ::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  ::close(ends[0]);
  FdOutput output(ends[1]);
  output.write("x");
  output.write("y");
  CHECK(output.failure() == EPIPE);
  ::close(ends[1]);
}

TEST_CASE("a full disk is remembered") {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  FdOutput output(full);
  output.write("x");
  CHECK(output.failure() == ENOSPC);
  ::close(full);
}

TEST_CASE("a pipe that someone made non-blocking still gets all bytes") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_NONBLOCK) == 0);
  const std::string text(1'000'000, 'x');
  std::size_t read = 0;
  std::thread reader([&] {
    std::array<char, 4096> piece{};
    while (read < text.size()) {
      const ssize_t got = ::read(ends[0], piece.data(), piece.size());
      read += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
  });
  FdOutput output(ends[1]);
  output.write(text);
  reader.join();
  CHECK(read == text.size());
  CHECK(output.failure() == 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("closed standard descriptors are taken, so that no file of the site can become one") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(0);
    ::close(1);
    ::close(2);
    occupy_standard_descriptors();
    const int next = ::open("/dev/null", O_RDWR);
    const bool writable = ::write(1, "x", 1) == 1;
    ::_exit(next > 2 && !writable ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

}  // namespace
}  // namespace deployflow::cli
