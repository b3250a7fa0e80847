#include "stages/validate/anchors.hpp"

#include "stages/validate/hash.hpp"
#include "stages/validate/markup.hpp"
#include "stages/validate/url.hpp"

#include <algorithm>
#include <string>

namespace deployflow::validate {
namespace {

bool holds(std::span<const std::uint64_t> anchors, std::string_view name) {
  return std::ranges::binary_search(anchors, hash_of(name));
}

// "L10" of "L10-L20"; empty if it is no such range.
std::string_view first_line_of(std::string_view fragment) {
  const std::size_t dash = fragment.find('-');
  const auto is_line = [](std::string_view text) {
    if (text.starts_with('L')) {
      text.remove_prefix(1);
    }
    return !text.empty() && std::ranges::all_of(text, is_digit);
  };
  const bool is_range = dash != std::string_view::npos && is_line(fragment.substr(0, dash)) &&
                        is_line(fragment.substr(dash + 1));
  return is_range ? fragment.substr(0, dash) : std::string_view();
}

}  // namespace

bool has_anchor(std::span<const std::uint64_t> anchors, std::string_view fragment) {
  if (fragment.empty() || holds(anchors, fragment)) {
    return true;
  }
  const std::string decoded = percent_decoded(fragment);
  const std::string_view line = first_line_of(decoded);
  return (decoded != fragment && holds(anchors, decoded)) || equals_ignoring_case(decoded, "top") ||
         (!line.empty() && holds(anchors, line));
}

}  // namespace deployflow::validate
