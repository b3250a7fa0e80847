// A folder or a file on disk becomes artifacts.
//
// Every problem is found before any upload: all of them come back at once.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/site/artifact_set.hpp"

#include <string>
#include <vector>

namespace deployflow::site {

struct Problem {
  std::string path;  // as on disk
  std::string code;  // "site/dead-symlink", ...
  std::string message;
  std::string hint;
};

struct Walk {
  std::vector<Problem> problems;     // not empty: the site must not be deployed
  std::vector<std::string> skipped;  // paths left out on purpose, such as .git
};

/// Add the files below `root`, a folder, or the one file `root` under `single_key` (its own name if
/// empty).
///
/// Keys are the paths relative to `root`, bytes kept as they are on disk. Symbolic links are
/// followed when they stay inside `root`; others, loops, FIFOs, sockets, devices, unreadable files
/// and names that are no keys are problems. Left out: version control folders (.git, .hg, .svn),
/// .DS_Store, Thumbs.db, and
/// ".deployflow", which is reserved in every target.
/// Errors: `usage` if `root` does not exist or is neither; `cancelled`.
Result<Walk> walk(const std::string& root,
                  const std::string& single_key,
                  ArtifactSet& out,
                  const StopToken& stop);

}  // namespace deployflow::site
