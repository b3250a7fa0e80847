// Which addresses of the web an option means: "example.com", "*.example.com",
// "https://example.com", "example.com/docs/".
//
// A host means exactly that host, on every port unless one is written; '*' stands for any
// characters. A path means all addresses that begin with it. Without a scheme both are meant.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace deployflow::validate {

class UrlPattern {
 public:
  /// nullopt: it names no host.
  static std::optional<UrlPattern> parse(std::string_view text);

  /// `url`: as UrlResolver::web_address() makes it.
  [[nodiscard]] bool matches(std::string_view url) const;

 private:
  std::string scheme_;  // empty = both
  std::string host_;    // lower case; '*' = any characters
  std::string path_;    // "" or "/docs/", the same
};

/// Of "https://example.com:8443/a": "example.com:8443".
std::string_view host_of(std::string_view url);

}  // namespace deployflow::validate
