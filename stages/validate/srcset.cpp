#include "stages/validate/srcset.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

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

// "640w", "1.5x", "480h".
bool is_descriptor(std::string_view text) {
  const char unit = text.back();
  const std::string_view number = text.substr(0, text.size() - 1);
  if (unit == 'w' || unit == 'h') {
    return !number.empty() && std::ranges::all_of(number, is_digit) &&
           number.find_first_not_of('0') != std::string_view::npos;
  }
  double density = -1;
  const char* const end = number.data() + number.size();
  const auto [last, error] = std::from_chars(number.data(), end, density);
  return unit == 'x' && error == std::errc() && last == end && density >= 0;
}

// Of one address. What is in parentheses is for a version to come.
void judge_descriptors(std::string_view descriptors,
                       const std::function<void(std::string_view)>& refused) {
  if (descriptors.find('(') != std::string_view::npos) {
    return;
  }
  while (!descriptors.empty()) {
    const std::size_t begin = descriptors.find_first_not_of(k_spaces);
    if (begin == std::string_view::npos) {
      return;
    }
    descriptors.remove_prefix(begin);
    const std::string_view one = descriptors.substr(0, descriptors.find_first_of(k_spaces));
    if (!is_descriptor(one)) {
      refused(one);
      return;
    }
    descriptors.remove_prefix(one.size());
  }
}

}  // namespace

void read_srcset(std::string_view value,
                 const ReferenceSink& found,
                 const std::function<void(std::string_view)>& refused) {
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
    if (!is_alone && refused) {
      const bool has_comma = value[at - 1] == ',';
      judge_descriptors(value.substr(end, at - end - (has_comma ? 1 : 0)), refused);
    }
  }
}

}  // namespace deployflow::validate
