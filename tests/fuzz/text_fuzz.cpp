// Text on its way to a person, sizes and durations from one.

#include "plugins/host/base/text.hpp"
#include "tests/fuzz/claim.hpp"

#include <vector>

namespace deployflow {
namespace {

void check_printable(std::string_view text) {
  const std::string shown = printable(text);
  CLAIM(is_utf8(shown));
  CLAIM(!fuzz::has_control(shown));
  // C1 controls, separators and bidi marks, as UTF-8 has them.
  for (const char* hidden :
       {"\xC2\x9B", "\xE2\x80\xA8", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xEF\xBB\xBF"}) {
    CLAIM(shown.find(hidden) == std::string::npos);
  }
  CLAIM(printable(shown) == shown);
}

void check_numbers(std::string_view text) {
  constexpr std::uint64_t k_over = std::uint64_t{1} << 63U;
  if (const auto bytes = parse_bytes(text)) {
    CLAIM(*bytes < k_over);
    CLAIM(parse_bytes(std::to_string(*bytes)) == bytes);
    const auto again = parse_bytes(format_bytes(*bytes));
    CLAIM(again || *bytes > k_over - (k_over >> 5U));  // rounded up, it may be past the end
  }
  if (const auto duration = parse_duration_ms(text)) {
    CLAIM(*duration < k_over);
    CLAIM(parse_duration_ms(std::to_string(*duration) + "ms") == duration);
  }
}

void check_nearest(std::string_view text) {
  const std::string_view word = fuzz::take_line(text);
  std::vector<std::string> candidates;
  while (!text.empty() && candidates.size() < 20) {
    candidates.emplace_back(fuzz::take_line(text));
  }
  if (const auto found = nearest(word, candidates)) {
    CLAIM(std::find(candidates.begin(), candidates.end(), *found) != candidates.end());
    const auto difference =
        static_cast<std::ptrdiff_t>(found->size()) - static_cast<std::ptrdiff_t>(word.size());
    CLAIM(difference >= -3 && difference <= 3);
  }
}

}  // namespace
}  // namespace deployflow

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  deployflow::check_printable(text);
  deployflow::check_numbers(text);
  deployflow::check_nearest(text);
  return 0;
}
