// Public test vectors that lie beside the repository, if somebody has put them there.

#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace deployflow::store {

/// The folder or file `name` of the shared data; nullopt if it is not there.
inline std::optional<std::filesystem::path> shared_data(const std::string& name) {
  const char* set = std::getenv("DEPLOYFLOW_SHARED_DATA");
  const std::filesystem::path root = set != nullptr ? set : DEPLOYFLOW_SHARED_DATA_FALLBACK;
  const std::filesystem::path found = root / name;
  return std::filesystem::exists(found) ? std::optional(found) : std::nullopt;
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace deployflow::store
