// A page of HTML, whatever its bytes.

#include "stages/validate/encoding.hpp"
#include "stages/validate/page.hpp"
#include "stages/validate/rules.hpp"
#include "tests/fuzz/claim.hpp"

#include <utility>

namespace deployflow::validate {
namespace {

void judge(std::string_view bytes, const PageSettings& settings) {
  const auto findings = check_page(bytes, settings);
  CLAIM(findings.size() <= settings.max_findings + 1);
  const auto ends =
      std::count_if(bytes.begin(), bytes.end(), [](char c) { return c == '\n' || c == '\r'; });
  std::pair<std::uint32_t, std::uint32_t> before{0, 0};
  for (const Finding& finding : findings) {
    CLAIM(is_rule(finding.code));
    CLAIM(!finding.message.empty());
    CLAIM(finding.line <= static_cast<std::size_t>(ends) + 1 && finding.column <= bytes.size() + 1);
    CLAIM((finding.line == 0) == (finding.column == 0));
    if (finding.code == rules::k_more.code) {
      CLAIM(&finding == &findings.back());
    } else {
      CLAIM(std::pair(finding.line, finding.column) >= before);
      before = {finding.line, finding.column};
    }
  }
}

}  // namespace
}  // namespace deployflow::validate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::validate;
  const std::string_view bytes = deployflow::fuzz::text_of(data, size);
  judge(bytes, {});
  PageSettings few;
  few.max_findings = 2;
  few.limits.depth = 8;
  few.limits.attributes = 4;
  few.limits.tags = 100;
  judge(bytes, few);
  const auto invalid = first_invalid_utf8(bytes);
  CLAIM(!invalid || *invalid < bytes.size());
  (void)names_utf8(bytes);
  (void)charset_parameter(bytes);
  return 0;
}
