// What the web answered in earlier runs, out of a file of any bytes: the checksum is put right, so
// that all behind it is reached. And the patterns and statuses that options name.

#include "stages/validate/external_cache.hpp"
#include "stages/validate/external_settings.hpp"
#include "tests/fuzz/claim.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow;
  using namespace deployflow::validate;
  const std::string_view text = fuzz::text_of(data, size);
  (void)read_answers(text);
  for (const auto& [url, answer] : read_answers(with_checksum(text))) {
    CLAIM(url.find_first_of("\t\n") == std::string::npos);
    CLAIM(answer.moved_to.find_first_of("\t\n") == std::string::npos);
    CLAIM(answer.trouble == WebTrouble::none);
  }
  std::string_view rest = text;
  const std::string_view pattern = fuzz::take_line(rest);
  const std::string_view url = fuzz::take_line(rest);
  if (const auto parsed = UrlPattern::parse(pattern)) {
    (void)parsed->matches(url);
    CLAIM(UrlPattern::parse("*")->matches(url));
  }
  StatusList list;
  if (list.add(pattern)) {
    CLAIM(!list.has(99) && !list.has(1000));
  }
  return 0;
}
