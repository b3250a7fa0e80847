#include "plugins/host/base/replace_file.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"

#include <errno.h>
#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

namespace deployflow {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

Error cannot(const std::string& path, int error) {
  return {Errc::input, fmt::format("cannot write {}: {}", printable(path), errno_text(error))};
}

Result<void> write_all(const Fd& fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return cannot(path, errno);
    }
    bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return ::fsync(fd.get()) == 0 ? Result<void>() : cannot(path, errno);
}

}  // namespace

Result<void> check_replaceable(const std::string& path) {
  struct stat status {};
  if (path.empty() || path.back() == '/') {
    return Error{Errc::usage, fmt::format("{} is not the name of a file", printable(path))};
  }
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return Error{Errc::usage, fmt::format("{} is not a file", printable(path))};
  }
  if (::access(folder_of(path).c_str(), W_OK | X_OK) != 0) {
    Error error = cannot(path, errno);
    error.code = Errc::usage;
    return error;
  }
  return {};
}

Result<void> replace_file(const std::string& path, std::string_view bytes) {
  const std::string part = fmt::format("{}.{}.part", path, ::getpid());
  Fd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!fd.valid()) {
    return cannot(path, errno);
  }
  Result<void> outcome = write_all(fd, bytes, path);
  fd.reset();
  if (outcome && ::rename(part.c_str(), path.c_str()) != 0) {
    outcome = cannot(path, errno);
  }
  if (!outcome) {
    ::unlink(part.c_str());
  }
  return outcome;
}

}  // namespace deployflow
