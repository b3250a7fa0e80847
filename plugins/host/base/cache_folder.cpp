#include "plugins/host/base/cache_folder.hpp"

#include <errno.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace deployflow {
namespace {

// statfs(2): NFS, SMB (three kinds), AFS, 9P, Ceph, Lustre.
constexpr std::array<std::uint32_t, 8> k_networks{
    0x6969, 0x517B, 0xFF534D42, 0xFE534D42, 0x5346414F, 0x01021997, 0x00C36400, 0x0BD00BD0};

bool is_on_network(const std::string& path) {
  struct statfs status {};
  return ::statfs(path.c_str(), &status) != 0 ||
         std::find(k_networks.begin(),
                   k_networks.end(),
                   static_cast<std::uint32_t>(status.f_type)) != k_networks.end();
}

/// True as well if it is not there.
bool is_ours(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 || status.st_uid == ::geteuid();
}

bool make_folders(const std::string& path) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    if (::mkdir(path.substr(0, end).c_str(), 0700) != 0 && errno != EEXIST && errno != EROFS) {
      return false;
    }
  }
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::optional<std::string> name_folder(const Environment& environment) {
  const auto value_of = [&](std::string_view name) { return environment(name).value_or(""); };
  if (std::string named = value_of("DEPLOYFLOW_CACHE_DIR"); !named.empty()) {
    return named;
  }
  // A relative one is to be ignored, says the XDG Base Directory Specification.
  if (const std::string base = value_of("XDG_CACHE_HOME"); base.starts_with('/') && is_ours(base)) {
    return base + "/deployflow";
  }
  if (const std::string home = value_of("HOME"); home.starts_with('/') && is_ours(home)) {
    return home + "/.cache/deployflow";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> make_cache_folder(const Environment& environment) {
  if (!environment) {
    return std::nullopt;
  }
  auto folder = name_folder(environment);
  if (!folder || !make_folders(*folder) || is_on_network(*folder)) {
    return std::nullopt;
  }
  return folder;
}

}  // namespace deployflow
