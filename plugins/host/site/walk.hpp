// A folder or a file on disk becomes artifacts.
//
// Every problem is found before any upload: all of them come back at once.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/site/artifact_set.hpp"
#include "plugins/host/site/problem.hpp"

#include <string>
#include <vector>

namespace deployflow::site {

struct Walk {
  std::vector<Problem> problems;     // in order of path
  std::vector<std::string> skipped;  // paths left out on purpose, such as .git
};

/// Add the files below `root`, a folder, or the one file `root` under `single_key` (its own name if
/// empty).
///
/// Keys are the paths relative to `root`, bytes kept as they are on disk. Symbolic links are
/// followed when they stay inside `root`; others, loops, FIFOs, sockets, devices, unreadable files
/// and names that are no keys are problems, and so are keys that only a store can tell apart
/// (CollisionFinder). Left out: version control folders (.git, .hg, .svn), .DS_Store, Thumbs.db,
/// ".deployflow", which is reserved in every target, and what ignore files in the site say
/// (ignore_file.hpp), with these themselves.
/// Errors: `usage` if `root` does not exist or is neither; `cancelled`.
Result<Walk> walk(const std::string& root,
                  const std::string& single_key,
                  ArtifactSet& out,
                  const StopToken& stop);

}  // namespace deployflow::site
