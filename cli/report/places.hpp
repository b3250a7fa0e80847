// How the place that reads a report names a file: relative to the repository that is checked out,
// or to the working folder, with '/'. Pure.

#pragma once

#include "plugins/host/base/environment.hpp"
#include "plugins/host/run/event.hpp"

#include <string>
#include <string_view>

namespace deployflow::cli {

class Places {
 public:
  /// The repository is what GITHUB_WORKSPACE or CI_PROJECT_DIR names, if the working folder is in
  /// it.
  Places(std::string folder, const Environment& environment);

  /// Path of the finding's file, or its key; `fallback` if it has neither. A file outside keeps its
  /// absolute path.
  [[nodiscard]] std::string path_of(const run::Finding& finding, const std::string& fallback) const;

 private:
  std::string folder_;
  std::string base_;
};

/// A path as a URI reference (RFC 3986): percent-encoded, `file:///...` if it is absolute. A first
/// segment with a colon is not taken for a scheme.
std::string uri_of(std::string_view path);

}  // namespace deployflow::cli
