// Percent-encoding as SigV4 wants it, and the URL of an endpoint taken apart.
//
// RFC 3986: unreserved characters (letters, digits, - . _ ~) stay, every other byte becomes %XX
// with upper-case hex, once. What these functions return is signed *and* put into the URL: one
// string, so the two cannot differ. All are pure.

#pragma once

#include "plugins/host/base/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow::store {

using QueryPair = std::pair<std::string, std::string>;  // name and value, raw

/// A raw path with '/' kept. Dot segments and repeated slashes stay: in S3 they are part of the
/// key.
std::string encode_path(std::string_view raw);

/// A name or value of a query: '/' is encoded too.
std::string encode_component(std::string_view raw);

/// "a=1&b=": sorted by encoded name, then by encoded value; a name without value ends in '='.
std::string encode_query(std::span<const QueryPair> pairs);

enum class Plus : std::uint8_t { literal, space };

/// Undo percent-encoding; `Plus::space` for listings with encoding-type=url.
/// nullopt if a '%' is not followed by two hex digits.
std::optional<std::string> decode_percent(std::string_view encoded, Plus plus);

struct EndpointUrl {
  std::string scheme;          // "http" or "https"
  std::string host;            // lower case, no port; an IPv6 literal without its brackets
  std::uint16_t port = 0;      // 0 = the scheme's default
  std::string path;            // decoded; "" or "/x/y", never ends in '/'
  bool is_ip_literal = false;  // IPv4 or IPv6: no name to put a bucket in front of

  /// As the Host header has it: "[::1]:9000"; the scheme's default port is left out.
  [[nodiscard]] std::string authority() const;
};

/// "http://127.0.0.1:9000", "https://[::1]:9443/s3/". Errors: `config`, saying what is wrong and
/// how to write it; a password in the URL is refused and never repeated.
Result<EndpointUrl> parse_endpoint_url(std::string_view text);

}  // namespace deployflow::store
