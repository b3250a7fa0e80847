// What the files that are watched look like: name, size, times and inode of each.

#pragma once

#include "cli/watch/watched.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace deployflow::cli {

/// By path. A digest of what stat() says; contents are not read.
using Snapshot = std::map<std::string, std::uint64_t>;

Snapshot take_snapshot(const Watched& watched);

/// Paths that are new, gone or different, sorted.
std::vector<std::string> differences(const Snapshot& before, const Snapshot& after);

/// The folders of the site, itself first; none of a site that is one file. Links are not followed.
std::vector<std::string> folders_of(const std::string& site);

}  // namespace deployflow::cli
