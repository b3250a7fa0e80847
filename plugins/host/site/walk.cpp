#include "plugins/host/site/walk.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/site/collision.hpp"
#include "plugins/host/site/ignore_file.hpp"
#include "plugins/host/site/media_type.hpp"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

namespace deployflow::site {
namespace {

// Folders of links to folders can name one file in exponentially many ways; no real site comes
// near.
constexpr std::uint64_t k_most_entries = 5'000'000;

constexpr std::array<std::string_view, 7> k_left_out{
    ".git", ".hg", ".svn", ".DS_Store", "Thumbs.db", ".deployflow", k_ignore_file};

constexpr std::uint64_t k_longest_ignore_file = 1U << 20;

using Entry = IgnoreFiles::Entry;
using Identity = std::pair<dev_t, ino_t>;

struct Folder {
  std::string path;
  std::string key_prefix;           // "" or ends in '/'
  std::vector<Identity> ancestors;  // itself included
  IgnoreFiles::Pointer ignored;     // what is said above it
};

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : std::string();
}

bool is_inside(const std::string& real, const std::string& real_root) {
  return real == real_root ||
         (real.starts_with(real_root) && (real_root == "/" || real[real_root.size()] == '/'));
}

class Walker {
 public:
  Walker(std::string root, ArtifactSet& out, const StopToken& stop)
      : real_root_(real_path(root)), root_(std::move(root)), out_(out), stop_(stop) {}

  Result<Walk> run(const struct stat& status) {
    pending_.push_back({root_, "", {{status.st_dev, status.st_ino}}, nullptr});
    while (!pending_.empty()) {
      Folder folder = std::move(pending_.back());
      pending_.pop_back();
      read_ignore_file(folder);
      TRY(read_folder(folder));
    }
    for (Problem& found : collisions_.find(out_)) {
      walk_.problems.push_back(std::move(found));
    }
    return std::move(walk_);
  }

 private:
  void read_ignore_file(Folder& folder) {
    const std::string path = in(folder, k_ignore_file);
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) {
      return;
    }
    if (const auto text = read_file(path, k_longest_ignore_file)) {
      folder.ignored = IgnoreFiles::add(*text, folder.key_prefix, std::move(folder.ignored));
    } else {
      // To go on would put on the site what somebody wanted to keep off it.
      problem(path, "site/unreadable", text.error().message, "make the file readable or remove it");
    }
  }

  static std::string in(const Folder& folder, std::string_view name) {
    return folder.path + (folder.path.ends_with('/') ? "" : "/") + std::string(name);
  }

  Result<void> read_folder(const Folder& folder) {
    const std::unique_ptr<DIR, CloseDir> dir(::opendir(folder.path.c_str()));
    if (!dir) {
      problem(folder.path,
              "site/unreadable",
              errno_text(errno),
              "make the folder readable or remove it");
      return {};
    }
    for (;;) {
      if (stop_.stop_requested()) {
        return cancelled_error();
      }
      errno = 0;
      const dirent* entry = ::readdir(dir.get());
      if (entry == nullptr) {
        if (errno != 0) {
          problem(folder.path, "site/unreadable", errno_text(errno), {});
        }
        return {};
      }
      const std::string_view name(entry->d_name);
      if (name != "." && name != "..") {
        if (++entries_ > k_most_entries) {
          return Error{
              Errc::input,
              fmt::format("{}: over {} files and folders", printable(root_), k_most_entries),
              "look for folders of links to folders"};
        }
        visit(folder, ::dirfd(dir.get()), entry->d_name);
      }
    }
  }

  /// `folder_fd`: the folder itself, so that the system need not find it again for each file.
  void visit(const Folder& folder, int folder_fd, const char* name) {
    const std::string path = in(folder, name);
    if (std::find(k_left_out.begin(), k_left_out.end(), name) != k_left_out.end()) {
      walk_.skipped.push_back(path);
      return;
    }
    struct stat status {};
    if (::fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      problem(path, "site/unreadable", errno_text(errno), {});
      return;
    }
    const std::string key = folder.key_prefix + name;
    if (IgnoreFiles::leave_out(
            folder.ignored, key, S_ISDIR(status.st_mode) ? Entry::folder : Entry::other)) {
      walk_.skipped.push_back(path);
      return;
    }
    if (S_ISLNK(status.st_mode) && !follow(path, status)) {
      return;
    }
    if (S_ISDIR(status.st_mode)) {
      enter(folder, path, key, status);
    } else {
      const bool is_readable = ::faccessat(folder_fd, name, R_OK, AT_EACCESS) == 0;
      add_file(path, key, status, is_readable ? 0 : errno);
    }
  }

  /// Look through a symbolic link; false if it leads nowhere we go.
  bool follow(const std::string& path, struct stat& status) {
    if (::stat(path.c_str(), &status) != 0) {
      const bool loop = errno == ELOOP;
      problem(path,
              loop ? "site/link-loop" : "site/dead-symlink",
              loop ? "symbolic link that leads to itself" : "symbolic link to nothing",
              "remove the link or create what it points to");
      return false;
    }
    if (!is_inside(real_path(path), real_root_)) {
      problem(path,
              "site/link-outside",
              "symbolic link to a place outside the site",
              "copy what it points to into the site");
      return false;
    }
    return true;
  }

  void enter(const Folder& folder,
             const std::string& path,
             const std::string& key,
             const struct stat& status) {
    const Identity identity{status.st_dev, status.st_ino};
    if (std::find(folder.ancestors.begin(), folder.ancestors.end(), identity) !=
        folder.ancestors.end()) {
      problem(path, "site/link-loop", "symbolic link to a folder that it is in", "remove the link");
      return;
    }
    Folder next{path, key + "/", folder.ancestors, folder.ignored};
    next.ancestors.push_back(identity);
    pending_.push_back(std::move(next));
  }

  /// `no_access`: why it cannot be read, as errno; 0 = it can.
  void add_file(const std::string& path,
                const std::string& key,
                const struct stat& status,
                int no_access) {
    if (!S_ISREG(status.st_mode)) {
      problem(path,
              "site/not-a-file",
              "not a regular file (a FIFO, socket or device)",
              "remove it from the site");
      return;
    }
    if (const auto good = check_key(key); !good) {
      problem(path, "site/bad-name", good.error().message, "rename the file");
      return;
    }
    if (no_access != 0) {
      problem(
          path, "site/unreadable", errno_text(no_access), "make the file readable or remove it");
      return;
    }
    Artifact artifact;
    artifact.key = key;
    artifact.path = path;
    artifact.stamp = to_stamp(status);
    artifact.media_type = media_type_of(key);
    collisions_.add(key, out_.put(std::move(artifact)));
  }

  void problem(const std::string& path, std::string code, std::string message, std::string hint) {
    walk_.problems.push_back({path, std::move(code), std::move(message), std::move(hint)});
  }

  std::string real_root_;
  std::string root_;
  ArtifactSet& out_;
  const StopToken& stop_;
  std::vector<Folder> pending_;
  std::uint64_t entries_ = 0;
  CollisionFinder collisions_;
  Walk walk_;
};

Result<Walk> add_single(const std::string& path, const std::string& single_key, ArtifactSet& out) {
  const std::size_t slash = path.rfind('/');
  Artifact artifact;
  artifact.key = !single_key.empty()          ? single_key
                 : slash == std::string::npos ? path
                                              : path.substr(slash + 1);
  artifact.path = path;
  TRY(check_key(artifact.key));
  TRY_ASSIGN(const OpenFile file, open_regular(path));
  artifact.stamp = file.stamp;
  artifact.media_type = media_type_of(artifact.key);
  out.put(std::move(artifact));
  return Walk{};
}

}  // namespace

Result<Walk> walk(const std::string& root,
                  const std::string& single_key,
                  ArtifactSet& out,
                  const StopToken& stop) {
  struct stat status {};
  if (::stat(root.c_str(), &status) != 0) {
    return Error{Errc::usage, fmt::format("{}: {}", printable(root), errno_text(errno))};
  }
  if (S_ISREG(status.st_mode)) {
    return add_single(root, single_key, out);
  }
  if (!S_ISDIR(status.st_mode)) {
    return Error{Errc::usage, fmt::format("{}: neither a file nor a folder", printable(root))};
  }
  if (!single_key.empty()) {
    return Error{
        Errc::usage,
        fmt::format("{}: is a folder; a name can be given to a single file only", printable(root))};
  }
  TRY_ASSIGN(Walk found, Walker(root, out, stop).run(status));
  std::sort(found.problems.begin(), found.problems.end(), [](const Problem& a, const Problem& b) {
    return a.path < b.path;
  });
  return found;
}

}  // namespace deployflow::site
