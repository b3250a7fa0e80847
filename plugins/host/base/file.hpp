// Files, as descriptors: opened once, never followed into a device, read in pieces.

#pragma once

#include "plugins/host/base/result.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow {

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

/// What tells whether a file is still the one that was seen: all must be equal.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  bool operator==(const FileStamp&) const = default;
};

FileStamp to_stamp(const struct stat& status);

struct OpenFile {
  Fd fd;
  FileStamp stamp;
};

/// Open a regular file for reading; never blocks on a FIFO or device.
/// Errors: `input` naming the path and the reason.
Result<OpenFile> open_regular(const std::string& path);

/// The stamp of an open descriptor. Errors: `input`.
Result<FileStamp> stamp_of(const Fd& fd, const std::string& path);

/// Fill `out` from byte `offset`; short only at the end of the file. Returns the bytes read.
/// Errors: `input` naming `path`.
Result<std::size_t> read_at(const Fd& fd,
                            std::uint64_t offset,
                            std::span<char> out,
                            const std::string& path);

/// The whole of a regular file of at most `max_bytes`. Errors: `input`.
Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes);

/// "No such file or directory": strerror, thread-safe.
std::string errno_text(int error);

}  // namespace deployflow
