#include "stages/validate/srcset.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>

namespace deployflow::validate {
namespace {

constexpr std::string_view k_spaces = " \t\n\r\f";

// To behind the comma that ends the descriptors from `at` on; one inside of parentheses does not.
std::size_t after_descriptors(std::string_view value, std::size_t at) {
  bool is_inside = false;
  for (; at < value.size(); ++at) {
    if (value[at] == '(') {
      is_inside = true;
    } else if (value[at] == ')') {
      is_inside = false;
    } else if (value[at] == ',' && !is_inside) {
      return at + 1;
    }
  }
  return at;
}

}  // namespace

void read_srcset(std::string_view value, const ReferenceSink& found) {
  for (std::size_t at = 0;;) {
    while (at < value.size() && (is_space(value[at]) || value[at] == ',')) {
      ++at;
    }
    if (at == value.size()) {
      return;
    }
    const std::size_t end = std::min(value.find_first_of(k_spaces, at), value.size());
    std::string_view url = value.substr(at, end - at);
    const bool is_alone = url.ends_with(',');  // no descriptors
    while (url.ends_with(',')) {
      url.remove_suffix(1);
    }
    found({RefKind::image, url, at});
    at = is_alone ? end : after_descriptors(value, end);
  }
}

}  // namespace deployflow::validate
