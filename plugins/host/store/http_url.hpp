// An address of the web as it is asked: taken apart and put together again by libcurl, which later
// sends it, so both see the same host in it.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace deployflow::store {

struct WebUrl {
  std::string text;    // what is sent: no fragment, no name and password, dot segments resolved
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; an IPv6 literal in brackets
  std::string origin;  // "https://example.com:8443"
};

/// nullopt: no absolute http(s) URL, or over 8 KiB of it. What a browser encodes (spaces, letters
/// beyond ASCII) is encoded.
std::optional<WebUrl> parse_web_url(std::string_view text);

/// Where a redirect from `from` leads; nullopt as above.
std::optional<WebUrl> follow_location(const WebUrl& from, std::string_view location);

}  // namespace deployflow::store
