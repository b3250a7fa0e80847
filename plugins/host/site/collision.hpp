// Keys that a store tells apart and somebody else does not.

#pragma once

#include "plugins/host/site/artifact_set.hpp"
#include "plugins/host/site/problem.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::site {

/// One thread. 16 bytes for each key until find() is done.
class CollisionFinder {
 public:
  void add(std::string_view key, std::uint64_t id);

  /// Those keys of `artifacts` that were added and that are the same as an earlier one after
  /// normalisation (NFC): errors, because nobody can say which of the two a link means; or that
  /// differ from one only in case: warnings, because a file system or a mirror may keep one of them
  /// only. In no order. O(n log n) in the number of keys.
  std::vector<Problem> find(const ArtifactSet& artifacts);

 private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> folded_;  // hash of the folded key, id
};

}  // namespace deployflow::site
