// The file that a path of the site leads to, asked of the index once for each path: a site of
// 30,000 pages has two million references, and few paths.

#pragma once

#include "stages/validate/reference.hpp"
#include "stages/validate/site_facts.hpp"
#include "stages/validate/site_index.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace deployflow::validate {

/// The index and the facts outlive this.
class PathTargets {
 public:
  // In place of the number of a file.
  static constexpr std::size_t k_missing = static_cast<std::size_t>(-2);
  static constexpr std::size_t k_answered = static_cast<std::size_t>(-3);  // by no file

  PathTargets(const SiteIndex& index, const SiteFacts& facts)
      : index_(index),
        facts_(facts),
        places_(facts.texts().size(), k_unknown),
        files_(facts.texts().size(), k_unknown) {}

  std::size_t of(const PackedReference& reference) {
    const bool place = is_place(reference.kind);
    std::size_t& known = (place ? places_ : files_)[reference.path];
    if (known == k_unknown) {
      const std::string_view path = facts_.texts()[reference.path];
      known = (place ? index_.find_place(path) : index_.find(path)).value_or(k_missing);
      if (known == k_missing && place && index_.is_answered(path)) {
        known = k_answered;
      }
    }
    return known;
  }

 private:
  static constexpr std::size_t k_unknown = static_cast<std::size_t>(-1);

  const SiteIndex& index_;
  const SiteFacts& facts_;
  std::vector<std::size_t> places_, files_;  // by number of the path
};

}  // namespace deployflow::validate
