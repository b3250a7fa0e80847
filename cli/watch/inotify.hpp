// inotify(7): changes in folders, as the kernel tells them.

#pragma once

#include "plugins/host/base/file.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace deployflow::cli {

/// One thread.
class Inotify {
 public:
  /// nullopt: the user has no instance left, or the system none at all.
  static std::optional<Inotify> open();

  enum class Of : std::uint8_t { all, these };

  /// Watch a folder, not those in it; `these`: only files that add_file() named. A folder that is
  /// watched already stays so, and one that is not there is none. false: no watch is left.
  bool add_folder(const std::string& folder, Of which = Of::all);
  /// Watch one file by its folder, since editors replace files.
  bool add_file(const std::string& file);

  struct Changes {
    std::vector<std::string> paths;
    bool lost = false;  // some, or folders are new: all must be looked at again
  };

  /// What came within `timeout`.
  Changes read(std::chrono::milliseconds timeout);

 private:
  explicit Inotify(Fd fd) : fd_(std::move(fd)) {}
  void take(const char* buffer, std::size_t size, Changes& changes) const;

  struct Folder {
    std::string path;
    bool all = false;
  };

  Fd fd_;
  std::unordered_map<int, Folder> folders_;  // by watch descriptor
  std::set<std::string> files_;
};

}  // namespace deployflow::cli
