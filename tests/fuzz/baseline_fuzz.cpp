// A baseline, whatever its bytes: what is read is written and read as the same.

#include "stages/validate/baseline.hpp"
#include "tests/fuzz/claim.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::validate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ParsedBaseline parsed = parse_baseline(text);
  CLAIM(!parsed.mistake || parsed.known.empty());
  CLAIM(parsed.mistake || is_baseline(text));
  const std::string written = write_baseline(parsed.known);
  const ParsedBaseline again = parse_baseline(written);
  CLAIM(!again.mistake && again.known == parsed.known);
  // Any text is a key, a code and what a finding is about.
  const std::string any(text);
  const KnownFindings one{{{any, any, any}, 1}};
  const ParsedBaseline back = parse_baseline(write_baseline(one));
  CLAIM(!back.mistake && back.known == one);
  const std::string stable = stable_text("html/stray", text);
  CLAIM(stable_text("html/stray", stable) == stable);
  return 0;
}
