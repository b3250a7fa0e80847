// Which previews a target has, from one listing of the folder that they lie in.

#pragma once

#include <deployflow/stage.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::stages {

struct FoundPreview {
  std::string name;         // "feature-x"
  std::uint64_t files = 0;  // of the site
  std::uint64_t bytes = 0;  // of all that it holds, what it can go back to included
  std::string start;        // key where a visitor begins: index.html, or the only file; else empty
  bool is_remains = false;  // nothing but the lock: its removal was cut off at the very end
};

/// Sorted by name. `folder` ends in '/'. Throws Failure if the store failed.
std::vector<FoundPreview> find_previews(const Store& store,
                                        std::string_view target,
                                        std::string_view folder);

/// The preview as a target of its own: "primary/previews/feature-x/".
std::string preview_target(std::string_view target, std::string_view folder, std::string_view name);

}  // namespace deployflow::stages
