// Sizes as people read them.

#pragma once

#include <cstdint>
#include <string>

namespace deployflow::validate {

/// "120 bytes", "3.4 MiB".
inline std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t k_mib = std::uint64_t{1} << 20U;
  if (bytes < k_mib) {
    return std::to_string(bytes) + " bytes";
  }
  const std::uint64_t tenths = bytes / (k_mib / 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

}  // namespace deployflow::validate
