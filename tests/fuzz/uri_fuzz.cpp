// Percent-encoding, and the URL of an endpoint taken apart.

#include "plugins/host/store/uri.hpp"
#include "tests/fuzz/claim.hpp"

#include <vector>

namespace deployflow::store {
namespace {

bool is_encoded(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [more](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

void check_encoding(std::string_view text) {
  const std::string path = encode_path(text);
  const std::string component = encode_component(text);
  CLAIM(is_encoded(path, "-._~%/"));
  CLAIM(is_encoded(component, "-._~%"));
  CLAIM(decode_percent(path, Plus::literal) == text);
  CLAIM(decode_percent(component, Plus::space) == text);
  for (const Plus plus : {Plus::literal, Plus::space}) {
    const auto decoded = decode_percent(text, plus);
    CLAIM(!decoded || decoded->size() <= text.size());
    CLAIM(!decoded || decode_percent(encode_component(*decoded), plus) == decoded);
  }
}

void check_query(std::string_view text) {
  std::vector<QueryPair> pairs;
  while (!text.empty()) {
    const std::string_view line = fuzz::take_line(text);
    const std::size_t middle = line.size() / 2;
    pairs.emplace_back(line.substr(0, middle), line.substr(middle));
  }
  const std::string query = encode_query(pairs);
  CLAIM(is_encoded(query, "-._~%&="));
  const auto count = [&query](char c) { return std::count(query.begin(), query.end(), c); };
  CLAIM(count('=') == static_cast<std::ptrdiff_t>(pairs.size()));
  CLAIM(count('&') == std::max<std::ptrdiff_t>(count('='), 1) - 1);
  std::reverse(pairs.begin(), pairs.end());
  CLAIM(encode_query(pairs) == query);
}

void check_url(std::string_view text) {
  const auto parsed = parse_endpoint_url(text);
  if (!parsed) {
    CLAIM(parsed.error().code == Errc::config);
    CLAIM(!fuzz::has_control(parsed.error().message + parsed.error().hint));
    return;
  }
  const EndpointUrl& url = parsed.value();
  CLAIM(url.scheme == "http" || url.scheme == "https");
  CLAIM(!url.host.empty() && !fuzz::has_control(url.host + url.path));
  CLAIM(url.path.empty() || (url.path.front() == '/' && url.path.back() != '/'));
  const auto again =
      parse_endpoint_url(url.scheme + "://" + url.authority() + encode_path(url.path));
  CLAIM(again.ok());
  CLAIM(again.value().host == url.host && again.value().port == url.port);
  CLAIM(again.value().path == url.path && again.value().is_ip_literal == url.is_ip_literal);
}

}  // namespace
}  // namespace deployflow::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  deployflow::store::check_encoding(text);
  deployflow::store::check_query(text);
  deployflow::store::check_url(text);
  return 0;
}
