#include "cli/site_argument.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/site/artifact_set.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spdlog/fmt/fmt.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace deployflow::cli {
namespace {

constexpr int k_poll_ms = 100;
constexpr std::size_t k_piece = 1U << 18U;

Result<void> write_all(int fd, const char* bytes, std::size_t size, const std::string& path) {
  while (size > 0) {
    const ssize_t written = ::write(fd, bytes, size);
    if (written < 0 && errno != EINTR) {
      return Error{Errc::internal,
                   fmt::format("{}: {}", path, errno_text(errno)),
                   "TMPDIR names another folder for standard input"};
    }
    if (written > 0) {
      bytes += written;
      size -= static_cast<std::size_t>(written);
    }
  }
  return {};
}

Error cannot_read(int error) {
  return {Errc::input, fmt::format("standard input: {}", errno_text(error))};
}

// Waits in short pieces, so that Ctrl-C works while nothing comes.
Result<std::size_t> read_piece(int fd, std::vector<char>& piece, const StopToken& stop) {
  for (;;) {
    if (stop.stop_requested()) {
      return cancelled_error();
    }
    struct pollfd wait {
      fd, POLLIN, 0
    };
    if (::poll(&wait, 1, k_poll_ms) == 0) {
      continue;
    }
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR && errno != EAGAIN) {
      return cannot_read(errno);
    }
  }
}

Result<void> copy_input(int fd, const Fd& file, const std::string& path, const StopToken& stop) {
  std::vector<char> piece(k_piece);
  for (bool any = false;; any = true) {
    TRY_ASSIGN(const std::size_t got, read_piece(fd, piece, stop));
    if (got == 0 && !any) {
      return Error{Errc::input,
                   "standard input is empty",
                   "look at the command that should have written to it"};
    }
    if (got == 0) {
      return {};
    }
    TRY(write_all(file.get(), piece.data(), got, path));
  }
}

Result<SiteArgument> check_input(const std::string& name) {
  if (name.empty()) {
    return Error{Errc::usage,
                 "standard input needs a name in the store",
                 "add --name KEY, e.g. --name index.html"};
  }
  return SiteArgument{"-", k_standard_input, name, SiteKind::file};
}

Result<void> check_name(const std::string& name) {
  if (name.back() == '/') {
    return Error{Errc::usage,
                 fmt::format("--name {}: ends in '/', so it names no file", printable(name))};
  }
  if (auto checked = site::check_key(name); !checked) {
    return Error{
        Errc::usage, fmt::format("--name {}", checked.error().message), checked.error().hint};
  }
  return {};
}

Error missing_site(const std::string& word, int error) {
  struct stat status {};
  if (error == ENOENT && ::lstat(word.c_str(), &status) == 0) {
    return {Errc::usage,
            fmt::format("{}: symbolic link to nothing", printable(word)),
            "create what it points to"};
  }
  return {Errc::usage, fmt::format("{}: {}", printable(word), errno_text(error))};
}

}  // namespace

Result<SiteArgument> check_site(const std::string& word, const std::string& name) {
  if (!name.empty()) {
    TRY(check_name(name));
  }
  if (word == "-") {
    return check_input(name);
  }
  if (word.empty()) {
    return Error{Errc::usage, "the site is an empty word", "is a variable unset?"};
  }
  struct stat status {};
  if (::stat(word.c_str(), &status) != 0) {
    return missing_site(word, errno);
  }
  if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) {
    return Error{Errc::usage,
                 fmt::format("{}: neither a file nor a folder", printable(word)),
                 "standard input is -, with --name KEY"};
  }
  if (S_ISDIR(status.st_mode) && !name.empty()) {
    return Error{Errc::usage,
                 fmt::format("{}: is a folder; --name is for one file", printable(word)),
                 "a folder's files keep their names; a prefix stands in the target"};
  }
  return SiteArgument{
      word, word, name, S_ISDIR(status.st_mode) ? SiteKind::folder : SiteKind::file};
}

SpooledInput::~SpooledInput() {
  if (!path_.empty()) {
    ::unlink(path_.c_str());
    ::rmdir(folder_.c_str());
  }
}

SpooledInput::SpooledInput(SpooledInput&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), path_(std::exchange(other.path_, {})) {}

Result<SpooledInput> spool_input(int fd, const Environment& environment, const StopToken& stop) {
  std::string parent = environment("TMPDIR").value_or("");
  parent = parent.empty() ? "/tmp" : parent;
  std::string folder = parent + "/deployflow-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    return Error{Errc::internal,
                 fmt::format("{}: {}", printable(parent), errno_text(errno)),
                 "TMPDIR names another folder for standard input"};
  }
  SpooledInput spooled(folder, folder + "/input");
  const Fd file(::open(spooled.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) {
    return Error{Errc::internal,
                 fmt::format("{}: {}", printable(spooled.path()), errno_text(errno))};
  }
  TRY(copy_input(fd, file, spooled.path(), stop));
  return spooled;
}

}  // namespace deployflow::cli
