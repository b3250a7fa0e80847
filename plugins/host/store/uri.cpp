#include "plugins/host/store/uri.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/ascii.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace deployflow::store {
namespace {

bool is_unreserved(char c) {
  return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string encode(std::string_view raw, bool keep_slash) {
  static constexpr char k_digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(raw.size() + 16);
  for (const char c : raw) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      out += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    out += '%';
    out += k_digits[byte >> 4];
    out += k_digits[byte & 15];
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

constexpr std::string_view k_example =
    "write it as http://127.0.0.1:9000 or https://s3.example.com";

// `text` is shown, so callers have made sure that it holds no password.
Error wrong_url(std::string_view text, std::string_view why) {
  constexpr std::size_t k_shown = 200;
  return {Errc::config,
          fmt::format("endpoint \"{}\" {}", printable(text.substr(0, k_shown)), why),
          std::string(k_example)};
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  // inet_pton() would stop at a NUL, and what stands behind it would be part of a request.
  return host.find('\0') == std::string::npos && inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_host_name(std::string_view host) {
  constexpr std::size_t k_longest = 253;  // RFC 1035
  return !host.empty() && host.size() <= k_longest && host.front() != '.' &&
         host.find("..") == std::string_view::npos &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
         });
}

Result<void> take_port(std::string_view text, std::string_view digits, EndpointUrl& url) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535) {
    return wrong_url(text, "has a port that is not a number from 1 to 65535");
  }
  const std::uint32_t fallback = url.scheme == "https" ? 443 : 80;
  url.port = port == fallback ? std::uint16_t{0} : static_cast<std::uint16_t>(port);
  return {};
}

// "host", "host:port", "[::1]:port"
Result<void> take_authority(std::string_view text, std::string_view authority, EndpointUrl& url) {
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    url.host = to_lower(authority.substr(1, close == std::string_view::npos ? close : close - 1));
    if (close == std::string_view::npos || !is_ipv6(url.host)) {
      return wrong_url(text, "has a malformed IPv6 address in brackets");
    }
    url.is_ip_literal = true;
    rest = authority.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') {
      return wrong_url(text, "has something other than a port after its IPv6 address");
    }
  } else {
    const std::size_t colon = authority.find(':');
    url.host = to_lower(authority.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
    if (rest.find(':', 1) != std::string_view::npos) {
      return wrong_url(text,
                       "has too many colons; an IPv6 address stands in brackets, as in [::1]");
    }
    if (url.host.empty()) {
      return wrong_url(text, "has no host");
    }
    if (!is_host_name(url.host)) {
      return wrong_url(text, "has a host that is not a DNS name or an IP address");
    }
    url.is_ip_literal = is_ipv4(url.host);
  }
  if (!rest.empty()) {
    TRY(take_port(text, rest.substr(1), url));
  }
  return {};
}

Result<void> take_path(std::string_view text, std::string_view encoded, EndpointUrl& url) {
  const auto path = decode_percent(encoded, Plus::literal);
  if (!path) {
    return wrong_url(text, "has a '%' in its path that is not followed by two hex digits");
  }
  const auto is_control = [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(path->begin(), path->end(), is_control)) {
    return wrong_url(text, "has a control character in its path");
  }
  url.path = *path;
  while (url.path.ends_with('/')) {
    url.path.pop_back();
  }
  return {};
}

}  // namespace

std::string encode_path(std::string_view raw) {
  return encode(raw, true);
}
std::string encode_component(std::string_view raw) {
  return encode(raw, false);
}

std::string encode_query(std::span<const QueryPair> pairs) {
  std::vector<QueryPair> encoded;
  encoded.reserve(pairs.size());
  for (const auto& [name, value] : pairs) {
    encoded.emplace_back(encode_component(name), encode_component(value));
  }
  // As pairs, not as "name=value": "Param" stands before "Param-3", though '-' is less than '='.
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) {
      out += '&';
    }
    out.append(name).append(1, '=').append(value);
  }
  return out;
}

std::optional<std::string> decode_percent(std::string_view encoded, Plus plus) {
  std::string out(encoded.size(), '\0');  // never longer; a listing has one for each object
  char* end = out.data();
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const char c = encoded[i];
    if (c == '+' && plus == Plus::space) {
      *end++ = ' ';
    } else if (c != '%') {
      *end++ = c;
    } else {
      const int high = i + 2 < encoded.size() ? hex_value(encoded[i + 1]) : -1;
      const int low = i + 2 < encoded.size() ? hex_value(encoded[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return std::nullopt;
      }
      *end++ = static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

std::string EndpointUrl::authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  std::string out = is_v6 ? "[" + host + "]" : host;
  if (port != 0) {
    out += ":" + std::to_string(port);
  }
  return out;
}

Result<EndpointUrl> parse_endpoint_url(std::string_view text) {
  // First, since every other message shows the URL.
  if (text.find('@') != std::string_view::npos) {
    return Error{
        Errc::config,
        "the endpoint's URL has an '@' in it, as before the host when a user name is given",
        "keys come from the environment or ~/.aws/credentials"};
  }
  if (text.empty()) {
    return wrong_url(text, "is empty");
  }
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) {
    return wrong_url(text, "has no scheme");
  }
  EndpointUrl url;
  url.scheme = to_lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") {
    return wrong_url(text, "has a scheme other than http and https");
  }
  const std::string_view rest = text.substr(colon + 3);
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return wrong_url(text, "has a query or fragment");
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  TRY(take_authority(text, rest.substr(0, slash), url));
  TRY(take_path(text, rest.substr(slash), url));
  return url;
}

}  // namespace deployflow::store
