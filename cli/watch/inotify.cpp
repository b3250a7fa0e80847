#include "cli/watch/inotify.hpp"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <utility>

namespace deployflow::cli {
namespace {

constexpr std::uint32_t k_events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                   IN_CREATE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

std::string joined(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

}  // namespace

std::optional<Inotify> Inotify::open() {
  Fd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd.valid()) {
    return std::nullopt;
  }
  return Inotify(std::move(fd));
}

bool Inotify::add_folder(const std::string& folder, Of which) {
  const int watch =
      ::inotify_add_watch(fd_.get(), folder.empty() ? "." : folder.c_str(), k_events | IN_ONLYDIR);
  if (watch < 0) {
    return errno != ENOSPC && errno != ENOMEM && errno != EMFILE;
  }
  Folder& known = folders_[watch];
  known.all = known.all || which == Of::all;
  if (which == Of::all || known.path.empty()) {
    known.path = folder;
  }
  return true;
}

bool Inotify::add_file(const std::string& file) {
  files_.insert(file);
  return add_folder(std::filesystem::path(file).parent_path().string(), Of::these);
}

void Inotify::take(const char* buffer, std::size_t size, Changes& changes) const {
  for (std::size_t at = 0; at + sizeof(inotify_event) <= size;) {
    inotify_event event{};
    std::memcpy(&event, buffer + at, sizeof event);
    const char* name = buffer + at + sizeof event;
    at += sizeof event + event.len;
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      changes.lost = true;
      continue;
    }
    const auto folder = folders_.find(event.wd);
    if ((event.mask & IN_IGNORED) != 0 || folder == folders_.end() || event.len == 0) {
      continue;  // the folder itself: the one above it tells the same with a name
    }
    const std::string path = joined(folder->second.path, name);
    if (!folder->second.all && files_.find(path) == files_.end()) {
      continue;
    }
    if ((event.mask & IN_ISDIR) != 0) {
      if ((event.mask & IN_ATTRIB) == 0) {
        changes.lost = true;
      }
      continue;
    }
    // A file that is being made is told when it is closed, but a link is complete at once.
    std::error_code error;
    if ((event.mask & IN_CREATE) == 0 || std::filesystem::is_symlink(path, error)) {
      changes.paths.push_back(path);
    }
  }
}

Inotify::Changes Inotify::read(std::chrono::milliseconds timeout) {
  Changes changes;
  struct pollfd wait {
    fd_.get(), POLLIN, 0
  };
  if (::poll(&wait, 1, static_cast<int>(timeout.count())) <= 0) {
    return changes;
  }
  std::array<char, 1U << 16U> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd_.get(), buffer.data(), buffer.size());
    if (got <= 0) {
      return changes;
    }
    take(buffer.data(), static_cast<std::size_t>(got), changes);
  }
}

}  // namespace deployflow::cli
