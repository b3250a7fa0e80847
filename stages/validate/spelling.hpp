// How far one name is from another.

#pragma once

#include <cstddef>
#include <string_view>

namespace deployflow::validate {

/// How many typos a name of this length may have and still be known.
constexpr std::size_t most_typos(std::string_view name) {
  return name.size() < 4 ? 1 : name.size() < 9 ? 2 : 3;
}

/// Insertions, deletions, replacements and swaps of neighbours that it takes from `a` to `b`, in
/// bytes; `limit` if it takes that many or more.
std::size_t typos_between(std::string_view a, std::string_view b, std::size_t limit);

}  // namespace deployflow::validate
