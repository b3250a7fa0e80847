#include "plugins/host/base/file.hpp"

#include "plugins/host/base/text.hpp"

#include <errno.h>
#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

namespace deployflow {
namespace {

constexpr std::int64_t k_ns = 1'000'000'000;

Error file_error(const std::string& path, int error) {
  return {Errc::input, fmt::format("{}: {}", path, errno_text(error))};
}

}  // namespace

FileStamp to_stamp(const struct stat& status) {
  return {.size = static_cast<std::uint64_t>(status.st_size),
          .mtime_ns = status.st_mtim.tv_sec * k_ns + status.st_mtim.tv_nsec,
          .ctime_ns = status.st_ctim.tv_sec * k_ns + status.st_ctim.tv_nsec,
          .inode = status.st_ino,
          .device = status.st_dev};
}

void Fd::reset() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

Result<OpenFile> open_regular(const std::string& path) {
  if (path.find('\0') != std::string::npos) {  // the system would open what stands before it
    return Error{Errc::input, fmt::format("{}: a path cannot hold a NUL byte", printable(path))};
  }
  // O_NONBLOCK so that a FIFO without a writer does not hang the open; no effect on regular files.
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) {
    return file_error(path, errno);
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) {
    return file_error(path, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    return Error{Errc::input, fmt::format("{}: is a folder, not a file", path)};
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{Errc::input, fmt::format("{}: not a regular file", path)};
  }
  return OpenFile{std::move(fd), to_stamp(status)};
}

Result<FileStamp> stamp_of(const Fd& fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) {
    return file_error(path, errno);
  }
  return to_stamp(status);
}

Result<std::size_t> read_at(const Fd& fd,
                            std::uint64_t offset,
                            std::span<char> out,
                            const std::string& path) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::pread(
        fd.get(), out.data() + filled, out.size() - filled, static_cast<off_t>(offset + filled));
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return file_error(path, errno);
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes) {
  TRY_ASSIGN(OpenFile file, open_regular(path));
  if (file.stamp.size > max_bytes) {
    return Error{
        Errc::input,
        fmt::format("{}: {} bytes, at most {} are read", path, file.stamp.size, max_bytes)};
  }
  // Files such as those in /proc say size 0: read to the end, one byte past the limit shows excess.
  std::string text;
  constexpr std::size_t k_piece = 64UL * 1024;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + k_piece);
    TRY_ASSIGN(const std::size_t got,
               read_at(file.fd, before, std::span(text.data() + before, k_piece), path));
    text.resize(before + got);
    if (text.size() > max_bytes) {
      return Error{Errc::input, fmt::format("{}: over {} bytes", path, max_bytes)};
    }
    if (got < k_piece) {
      return text;
    }
  }
}

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace deployflow
