#include "cli/watch/snapshot.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>

namespace deployflow::cli {
namespace {

namespace fs = std::filesystem;

std::uint64_t stamp_of(const struct stat& status) {
  std::uint64_t stamp = 14695981039346656037U;  // FNV-1a
  const auto add = [&](std::uint64_t value) { stamp = (stamp ^ value) * 1099511628211U; };
  add(status.st_ino);
  add(static_cast<std::uint64_t>(status.st_size));
  add(static_cast<std::uint64_t>(status.st_mtim.tv_sec));
  add(static_cast<std::uint64_t>(status.st_mtim.tv_nsec));
  add(static_cast<std::uint64_t>(status.st_ctim.tv_sec));
  add(static_cast<std::uint64_t>(status.st_ctim.tv_nsec));
  return stamp;
}

void add_file(Snapshot& snapshot, const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
    snapshot[path] = stamp_of(status);
  }
}

template <class Visit>
void walk(const std::string& folder, const Visit& visit) {
  std::error_code error;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    visit(*it);
  }
}

}  // namespace

bool Watched::counts(const std::string& path) const {
  const std::string name = fs::path(path).filename().string();
  return std::find(ignored.begin(), ignored.end(), path) == ignored.end() &&
         !name.starts_with(".deployflow-report-");
}

Snapshot take_snapshot(const Watched& watched) {
  Snapshot snapshot;
  const auto add = [&](const std::string& path) {
    if (watched.counts(path)) {
      add_file(snapshot, path);
    }
  };
  for (const std::string& file : watched.files) {
    add(file);
  }
  std::error_code error;
  if (fs::is_directory(watched.site, error)) {
    walk(watched.site, [&](const fs::directory_entry& entry) { add(entry.path().string()); });
  } else if (!watched.site.empty()) {
    add(watched.site);
  }
  return snapshot;
}

std::vector<std::string> differences(const Snapshot& before, const Snapshot& after) {
  std::vector<std::string> paths;
  for (const auto& [path, stamp] : before) {
    const auto found = after.find(path);
    if (found == after.end() || found->second != stamp) {
      paths.push_back(path);
    }
  }
  for (const auto& [path, stamp] : after) {
    if (before.find(path) == before.end()) {
      paths.push_back(path);
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> folders_of(const std::string& site) {
  std::vector<std::string> folders;
  std::error_code error;
  if (!fs::is_directory(site, error)) {
    return folders;
  }
  folders.push_back(site);
  walk(site, [&](const fs::directory_entry& entry) {
    std::error_code ignored;
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) {
      folders.push_back(entry.path().string());
    }
  });
  return folders;
}

}  // namespace deployflow::cli
