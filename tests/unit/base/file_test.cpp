#include "plugins/host/base/file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace {

using namespace deployflow;

/// A folder of its own for a test, removed with what is in it.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "deployflow-base-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] std::string write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
  }
  [[nodiscard]] std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST_CASE("a whole file is read as it is, whatever its size") {
  const Folder folder;
  for (const std::size_t size : {0UL, 1UL, 65535UL, 65536UL, 65537UL, 131072UL}) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) {
      bytes += static_cast<char>(i % 251);
    }
    const auto text = read_file(folder.write("f", bytes), size);
    REQUIRE(text.ok());
    CHECK(*text == bytes);
  }
}

TEST_CASE("a file over the limit is refused, and the message says both sizes") {
  const Folder folder;
  const std::string path = folder.write("f", "12345");
  CHECK(read_file(path, 5).ok());
  const auto over = read_file(path, 4);
  REQUIRE_FALSE(over.ok());
  CHECK(over.error().code == Errc::input);
  CHECK(over.error().message == path + ": 5 bytes, at most 4 are read");
}

TEST_CASE("a file that says size 0 and is not empty is read, and its limit holds") {
  CHECK_FALSE(read_file("/proc/self/status", 1 << 20).value().empty());
  CHECK(read_file("/proc/self/status", 3).error().message == "/proc/self/status: over 3 bytes");
}

TEST_CASE("what cannot be opened says what and why") {
  const Folder folder;
  CHECK(open_regular(folder / "none").error().message ==
        folder.path() + "/none: No such file or directory");
  CHECK(open_regular("").error().message == ": No such file or directory");
  CHECK(open_regular(folder.path()).error().message == folder.path() + ": is a folder, not a file");
}

TEST_CASE("a path with a NUL byte is refused instead of cut") {
  const Folder folder;
  const std::string path = folder.write("f", "x");
  const auto opened = open_regular(path + std::string("\0.html", 6));
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().message == path + "\\x00.html: a path cannot hold a NUL byte");
}

TEST_CASE("a fifo, a device and a socket are not read, and a fifo without a writer does not hang") {
  const Folder folder;
  const std::string fifo = folder / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(open_regular(fifo).error().message == fifo + ": not a regular file");
  CHECK(open_regular("/dev/zero").error().message == "/dev/zero: not a regular file");

  const Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string socket = folder / "socket";
  REQUIRE(socket.size() < sizeof address.sun_path);
  socket.copy(address.sun_path, socket.size());
  REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK_FALSE(open_regular(socket).ok());
}

TEST_CASE("a symbolic link to a file is that file; a dead one and a circle are errors") {
  const Folder folder;
  const std::string path = folder.write("f", "behind the link");
  std::filesystem::create_symlink("f", folder / "link");
  std::filesystem::create_symlink("nothing", folder / "dead");
  std::filesystem::create_symlink("circle", folder / "circle");
  CHECK(read_file(folder / "link", 100).value() == "behind the link");
  CHECK(open_regular(folder / "dead").error().code == Errc::input);
  CHECK(open_regular(folder / "circle").error().code == Errc::input);
}

TEST_CASE("reading from an offset fills the buffer and is short only at the end") {
  const Folder folder;
  const std::string path = folder.write("f", "0123456789");
  const OpenFile file = open_regular(path).value();
  std::array<char, 4> piece{};
  CHECK(read_at(file.fd, 0, piece, path).value() == 4);
  CHECK(std::string_view(piece.data(), 4) == "0123");
  CHECK(read_at(file.fd, 8, piece, path).value() == 2);
  CHECK(std::string_view(piece.data(), 2) == "89");
  CHECK(read_at(file.fd, 10, piece, path).value() == 0);
  CHECK(read_at(file.fd, 1'000'000, piece, path).value() == 0);
}

TEST_CASE("a file that changes has another stamp; one that is only read has not") {
  const Folder folder;
  const std::string path = folder.write("f", "before");
  const OpenFile file = open_regular(path).value();
  CHECK(file.stamp.size == 6);
  CHECK(stamp_of(file.fd, path).value() == file.stamp);
  std::ofstream(path, std::ios::app) << "!";
  CHECK_FALSE(stamp_of(file.fd, path).value() == file.stamp);
}

TEST_CASE("a file that was replaced under its name has another stamp, of equal size and time") {
  const Folder folder;
  const std::string path = folder.write("f", "one");
  const FileStamp before = open_regular(path).value().stamp;
  const std::string other = folder.write("g", "two");
  std::filesystem::last_write_time(other, std::filesystem::last_write_time(path));
  std::filesystem::rename(other, path);
  CHECK_FALSE(open_regular(path).value().stamp == before);
}

TEST_CASE("a descriptor is closed once, by its last owner") {
  const auto is_open = [](int fd) { return ::fcntl(fd, F_GETFD) != -1; };
  const Folder folder;
  int raw = -1;
  {
    OpenFile file = open_regular(folder.write("f", "x")).value();
    raw = file.fd.get();
    CHECK((::fcntl(raw, F_GETFD) & FD_CLOEXEC) != 0);
    const Fd taken = std::move(file.fd);
    CHECK_FALSE(file.fd.valid());  // NOLINT(bugprone-use-after-move): that it is empty is the claim
    CHECK(is_open(raw));
  }
  CHECK_FALSE(is_open(raw));
}

TEST_CASE("an error number has a text") {
  CHECK(errno_text(EACCES) == "Permission denied");
}

}  // namespace
