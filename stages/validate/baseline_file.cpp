#include "stages/validate/baseline_file.hpp"

#include "stages/validate/descriptor.hpp"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <system_error>

namespace deployflow::validate {
namespace {

constexpr off_t k_most_bytes = off_t{64} << 20U;

std::string reason(int error) {
  return std::generic_category().message(error);
}

// 0, or what went wrong.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(file, text.data(), text.size());
    if (done < 0 && errno != EINTR) {
      return errno;
    }
    text.remove_prefix(done > 0 ? static_cast<std::size_t>(done) : 0);
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

}  // namespace

FileText read_baseline_file(const std::string& path) {
  // A pipe or a terminal would be waited for.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) {
    return errno == ENOENT ? FileText{} : FileText{std::nullopt, reason(errno)};
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return {std::nullopt, "it is no regular file"};
  }
  if (status.st_size > k_most_bytes) {
    return {std::nullopt, "it has over 64 MiB"};
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + have, text.size() - have);
    if (got < 0 && errno != EINTR) {
      return {std::nullopt, reason(errno)};
    }
    if (got == 0) {
      break;
    }
    have += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  text.resize(have);
  return {std::move(text), ""};
}

std::string replace_baseline_file(const std::string& path, std::string_view text) {
  std::error_code none;
  const std::filesystem::path real = std::filesystem::canonical(path, none);
  const std::string target = none ? path : real.string();
  struct stat old {};
  const mode_t mode = ::stat(target.c_str(), &old) == 0 ? old.st_mode & 0777U : 0644U;
  std::string made = target + ".XXXXXX";
  int error = 0;
  {
    const Descriptor file(::mkostemp(made.data(), O_CLOEXEC));
    if (file.get() < 0) {
      return reason(errno);
    }
    error = write_all(file.get(), text);
    if (error == 0 && ::fchmod(file.get(), mode) != 0) {
      error = errno;
    }
  }
  if (error == 0 && ::rename(made.c_str(), target.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    ::unlink(made.c_str());
    return reason(error);
  }
  return {};
}

}  // namespace deployflow::validate
