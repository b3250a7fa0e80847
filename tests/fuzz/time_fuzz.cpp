// The spellings of a moment.

#include "plugins/host/base/time.hpp"
#include "tests/fuzz/claim.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow;
  const auto time = parse_time(fuzz::text_of(data, size));
  if (!time) {
    return 0;
  }
  // What our own spellings can say: years of four digits, none of them a leading zero.
  const auto first = *parse_time("1000-01-01T00:00:00Z");
  const auto last = *parse_time("9999-12-31T23:59:59Z");
  if (*time >= first && *time <= last) {
    CLAIM(parse_time(format_iso(*time)) == time);
    CLAIM(parse_time(format_compact(*time)) == time);
  }
  return 0;
}
