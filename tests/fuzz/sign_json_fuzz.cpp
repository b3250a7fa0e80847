// Requests to sign, as JSON lines; and headers as a signer folds them.

#include "plugins/host/store/sign.hpp"
#include "plugins/host/store/sign_json.hpp"
#include "tests/fuzz/claim.hpp"

namespace deployflow::store {
namespace {

// The seeds carry it as their secret key, and the dictionary has it.
constexpr std::string_view k_secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

void check_line(std::string_view line) {
  const auto answer = sign_json_line(line);
  if (!answer) {
    CLAIM(answer.error().code == Errc::usage);
    CLAIM(!fuzz::has_control(answer.error().message));
    CLAIM(answer.error().message.find(k_secret) == std::string::npos);
    return;
  }
  CLAIM(answer.value().find('\n') == std::string::npos);
  CLAIM(answer.value().find(R"("signature":")") != std::string::npos);
  CLAIM(sign_json_line(line).value() == answer.value());
}

void check_headers(std::string_view rest) {
  std::vector<Header> headers;
  while (!rest.empty()) {
    const std::string_view line = fuzz::take_line(rest);
    const std::size_t colon = std::min(line.find(':'), line.size());
    headers.emplace_back(line.substr(0, colon), line.substr(colon));
  }
  const auto canonical = canonical_headers(headers);
  CLAIM(canonical.size() <= headers.size());
  for (std::size_t i = 1; i < canonical.size(); ++i) {
    CLAIM(canonical[i - 1].first < canonical[i].first);  // sorted, and none twice
  }
  CLAIM(canonical_headers(canonical) == canonical);
}

}  // namespace
}  // namespace deployflow::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  deployflow::store::check_line(text);
  deployflow::store::check_headers(text);
  return 0;
}
