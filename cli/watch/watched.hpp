// What is watched.

#pragma once

#include <string>
#include <vector>

namespace deployflow::cli {

struct Watched {
  std::string site;                  // folder or file; empty = none
  std::vector<std::string> files;    // others, such as the pipeline file
  std::vector<std::string> ignored;  // files that are no change: what we write ourselves

  /// Does a change of `path`, spelled as wait() tells it, count?
  [[nodiscard]] bool counts(const std::string& path) const;
  bool operator==(const Watched&) const = default;
};

}  // namespace deployflow::cli
