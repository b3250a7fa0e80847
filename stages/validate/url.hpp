// Where an address in a file of the site leads: to which key, to which fragment, or out of the
// site.
//
// Spec: https://url.spec.whatwg.org/, as far as it matters for http(s) and relative addresses: what
// a browser strips, backslashes, dot segments, ports, percent-encoding. Pure; thread-safe.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::validate {

/// Where visitors see the site.
struct SiteAddress {
  std::string scheme = "https";  // or "http", which is taken for the same site
  std::string host;    // in lower case, with the port unless it is the scheme's; empty = not known:
                       // then no absolute address is inside the site
  std::string prefix;  // decoded: "" or "docs/"
};

/// Of an absolute http(s) URL; nullopt if it is none.
std::optional<SiteAddress> parse_site_address(std::string_view url);

enum class Where : std::uint8_t {
  inside,     // the site
  elsewhere,  // another site, or another part of this host
  nowhere,    // no address of a file: mailto:, javascript:, data:
  machine,    // file:, which visitors cannot follow
  malformed   // a browser does not know where to
};

struct Destination {
  Where where = Where::nowhere;
  std::string path;         // inside: decoded, below the site's root: "", "blog/", "a b.html"
  std::string fragment;     // as written, without '#' and text directives (#:~:text=)
  bool above_root = false;  // inside: "../" went further up than there is
  const char* why = "";     // malformed: one clause
};

/// Of one file of the site. Keeps a view of `address`.
class UrlResolver {
 public:
  UrlResolver(const SiteAddress& address, std::string_view key);

  /// <base href>. One that browsers do not take is ignored.
  void set_base(std::string_view url);
  [[nodiscard]] bool has_base() const { return has_base_; }

  [[nodiscard]] Destination resolve(std::string_view url) const;
  /// Of what resolve() says is elsewhere: the whole URL as it may be asked, without its fragment
  /// and without a name and password. Empty if it is no such thing.
  [[nodiscard]] std::string web_address(std::string_view url) const;

 private:
  struct Absolute;
  [[nodiscard]] Absolute parse(std::string_view url) const;
  friend std::optional<SiteAddress> parse_site_address(std::string_view url);

  const SiteAddress* address_;
  std::string scheme_, host_;  // of the base
  std::string path_;           // of the base, decoded, from its first '/' on
  bool has_base_ = false;
};

/// "%41" becomes "A"; what is no such code stays.
std::string percent_decoded(std::string_view text);

}  // namespace deployflow::validate
