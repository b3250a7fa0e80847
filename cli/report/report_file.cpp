#include "cli/report/report_file.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"

#include <errno.h>
#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>

namespace deployflow::cli {
namespace {

namespace fs = std::filesystem;

/// Fewer and larger writes.
class Buffered : public Output {
 public:
  explicit Buffered(int fd) : output_(fd) { text_.reserve(k_size); }
  void write(std::string_view text) override {
    text_ += text;
    if (text_.size() >= k_size) {
      flush();
    }
  }
  void flush() {
    output_.write(text_);
    text_.clear();
  }
  /// errno of the first failure; 0 = none.
  [[nodiscard]] int failure() const { return output_.failure(); }

 private:
  static constexpr std::size_t k_size = 1U << 16U;

  FdOutput output_;
  std::string text_;
};

struct Place {
  std::string path;     // links followed
  bool is_file = true;  // or will be one; else a device or pipe
  mode_t mode = 0;      // of the file that is there; 0 = none is
};

Result<Place> place_of(const std::string& path, Errc code) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    // A link to nothing would be replaced, as if it were a file.
    return Place{path, true, 0};
  }
  if (S_ISDIR(status.st_mode)) {
    return Error{code, fmt::format("{}: is a folder", printable(path))};
  }
  if (!S_ISREG(status.st_mode)) {
    return Place{path, false, 0};
  }
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  return Place{error ? path : real.string(), true, status.st_mode & 07777U};
}

Error cannot_write(const std::string& path, int error, Errc code) {
  return {code, fmt::format("{}: cannot be written: {}", printable(path), errno_text(error))};
}

struct Beside {
  std::string path;
  Fd fd;
};

/// A new file in the folder of `place`, under a name that nobody else has.
Result<Beside> make_beside(const Place& place, const std::string& shown, Errc code) {
  const fs::path target(place.path);
  for (int number = 0;; ++number) {
    const std::string path =
        (target.parent_path() / fmt::format(".deployflow-report-{}-{}", ::getpid(), number))
            .string();
    Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (fd.valid()) {
      return Beside{path, std::move(fd)};
    }
    if (errno != EEXIST || number > 100) {
      return cannot_write(shown, errno, code);
    }
  }
}

Result<void> write_directly(const std::string& path, const std::function<void(Output&)>& write) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) {
    return cannot_write(path, errno, Errc::internal);
  }
  Buffered out(fd.get());
  write(out);
  out.flush();
  return out.failure() == 0 ? Result<void>{} : cannot_write(path, out.failure(), Errc::internal);
}

}  // namespace

Result<void> check_writable(const std::string& path) {
  TRY_ASSIGN(const Place place, place_of(path, Errc::usage));
  if (!place.is_file) {
    return ::access(path.c_str(), W_OK) == 0 ? Result<void>{}
                                             : cannot_write(path, errno, Errc::usage);
  }
  TRY_ASSIGN(const Beside beside, make_beside(place, path, Errc::usage));
  ::unlink(beside.path.c_str());
  return {};
}

Result<void> write_report_file(const std::string& path, const std::function<void(Output&)>& write) {
  TRY_ASSIGN(const Place place, place_of(path, Errc::internal));
  if (!place.is_file) {
    return write_directly(path, write);
  }
  TRY_ASSIGN(const Beside beside, make_beside(place, path, Errc::internal));
  Buffered out(beside.fd.get());
  write(out);
  out.flush();
  int failure = out.failure();
  if (failure == 0 && place.mode != 0 && ::fchmod(beside.fd.get(), place.mode) != 0) {
    failure = errno;
  }
  if (failure == 0 && ::rename(beside.path.c_str(), place.path.c_str()) == 0) {
    return {};
  }
  failure = failure != 0 ? failure : errno;
  ::unlink(beside.path.c_str());
  return cannot_write(path, failure, Errc::internal);
}

Result<void> append_to_file(const std::string& path, const std::string& text) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666));
  if (!fd.valid()) {
    return cannot_write(path, errno, Errc::internal);
  }
  FdOutput out(fd.get());
  out.write(text);
  return out.failure() == 0 ? Result<void>{} : cannot_write(path, out.failure(), Errc::internal);
}

}  // namespace deployflow::cli
