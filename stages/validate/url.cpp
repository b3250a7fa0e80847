#include "stages/validate/url.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace deployflow::validate {
namespace {

int hex_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  return lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

bool is_code(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && text[at] == '%' && hex_value(text[at + 1]) >= 0 &&
         hex_value(text[at + 2]) >= 0;
}

void append_decoded(std::string& out, std::string_view text) {
  const std::size_t first = text.find('%');
  out.append(text.substr(0, first));
  for (std::size_t i = std::min(first, text.size()); i < text.size(); ++i) {
    if (is_code(text, i)) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
}

bool is_control_or_space(char c) {
  return static_cast<unsigned char>(c) <= 0x20;
}

bool is_tab_or_newline(char c) {
  return c == '\t' || c == '\n' || c == '\r';
}

bool is_slash(char c) {
  return c == '/' || c == '\\';
}

std::string_view without_outer_spaces(std::string_view url) {
  while (!url.empty() && is_control_or_space(url.front())) {
    url.remove_prefix(1);
  }
  while (!url.empty() && is_control_or_space(url.back())) {
    url.remove_suffix(1);
  }
  return url;
}

// The length of "http" in "http:..."; 0 if there is no scheme.
std::size_t scheme_length(std::string_view url) {
  if (url.empty() || !is_letter(url.front())) {
    return 0;
  }
  for (std::size_t i = 1; i < url.size(); ++i) {
    const char c = url[i];
    if (c == ':') {
      return i;
    }
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') {
      return 0;
    }
  }
  return 0;
}

bool is_dot(std::string_view segment) {
  return segment == "." || (segment.size() == 3 && equals_ignoring_case(segment, "%2e"));
}

bool is_dot_dot(std::string_view segment) {
  if (segment.size() < 2 || segment.size() > 6 || (segment[0] != '.' && segment[0] != '%')) {
    return false;
  }
  return segment == ".." || equals_ignoring_case(segment, ".%2e") ||
         equals_ignoring_case(segment, "%2e.") || equals_ignoring_case(segment, "%2e%2e");
}

// Append to `path`, which ends in '/'. True if it went above the root.
bool append_path(std::string& path, std::string_view raw) {
  bool above = false;
  for (std::size_t begin = 0;;) {
    const auto* end_at = std::find_if(raw.begin() + begin, raw.end(), is_slash);
    const bool is_last = end_at == raw.end();
    const std::string_view segment =
        raw.substr(begin, static_cast<std::size_t>(end_at - raw.begin()) - begin);
    if (is_dot_dot(segment)) {
      above = above || path.size() == 1;
      path.resize(path.size() == 1 ? 1 : path.rfind('/', path.size() - 2) + 1);
    } else if (!is_dot(segment)) {
      append_decoded(path, segment);
      if (!is_last) {
        path += '/';
      }
    }
    if (is_last) {
      return above;
    }
    begin += segment.size() + 1;
  }
}

struct Authority {
  std::string host;  // as SiteAddress::host; empty = malformed
  const char* why = "";
};

Authority malformed(const char* why) {
  return {"", why};
}

Authority parse_authority(std::string_view text, std::string_view scheme) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  const bool is_v6 = text.starts_with('[');
  const std::size_t close = is_v6 ? text.find(']') : 0;
  if (close == std::string_view::npos) {
    return malformed("the address of its host has no ]");
  }
  if (const std::size_t colon = text.find(':', close); colon != std::string_view::npos) {
    port = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  std::string host;
  append_decoded(host, text);
  std::ranges::transform(host, host.begin(), lower);
  const auto is_forbidden = [is_v6](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F ||
           std::string_view(is_v6 ? "#/<>?@\\^|%" : "#/:<>?@[\\]^|%").find(c) !=
               std::string_view::npos;
  };
  if (host.empty()) {
    return malformed("it names no host");
  }
  if (std::ranges::any_of(host, is_forbidden)) {
    return malformed("no host has such a name");
  }
  constexpr unsigned long k_last_port = 65535;
  unsigned long number = 0;
  for (const char c : port) {
    if (!is_digit(c) ||
        (number = number * 10 + static_cast<unsigned long>(c - '0')) > k_last_port) {
      return malformed("it names no port");
    }
  }
  if (!port.empty() && number != (scheme == "http" ? 80 : 443)) {
    host += ":" + std::to_string(number);
  }
  return {std::move(host)};
}

// An address as it is written, cut into its parts.
struct Parts {
  Where where = Where::elsewhere;  // as UrlResolver::Absolute
  std::string scheme;
  bool is_absolute = false;                // it names a host, or should
  std::string_view authority;              // "name@host:80"
  std::string_view path, query, fragment;  // "/a", "?b", "c"
};

// `base`: the scheme of what the address is relative to. What comes back are views of `url` or of
// `buffer`.
Parts split(std::string_view url, std::string_view base, std::string& buffer) {
  Parts out;
  url = without_outer_spaces(url);
  if (std::ranges::any_of(url, is_tab_or_newline)) {
    std::ranges::remove_copy_if(url, std::back_inserter(buffer), is_tab_or_newline);
    url = buffer;
  }
  if (const std::size_t hash = url.find('#'); hash != std::string_view::npos) {
    const std::string_view fragment = url.substr(hash + 1);
    out.fragment = fragment.substr(0, fragment.find(":~:"));
    url = url.substr(0, hash);
  }
  out.scheme = base;
  if (const std::size_t length = scheme_length(url); length > 0) {
    std::string scheme = lowered(url.substr(0, length));
    if (scheme != "http" && scheme != "https") {
      out.where = scheme == "file" ? Where::machine : Where::nowhere;
      return out;
    }
    url.remove_prefix(length + 1);
    // "https:a.html" is relative to a base of the same scheme, by an old rule.
    const bool has_slashes = url.size() > 1 && is_slash(url[0]) && is_slash(url[1]);
    out.is_absolute = has_slashes || scheme != base;
    out.scheme = std::move(scheme);
  } else {
    out.is_absolute = url.size() > 1 && is_slash(url[0]) && is_slash(url[1]);
  }
  if (out.is_absolute) {
    const auto* host_begin = std::ranges::find_if_not(url, is_slash);
    url.remove_prefix(static_cast<std::size_t>(host_begin - url.begin()));
    out.authority = url.substr(0, std::min(url.find_first_of("/\\?"), url.size()));
    url.remove_prefix(out.authority.size());
  }
  const std::size_t path_end = std::min(url.find('?'), url.size());
  out.path = url.substr(0, path_end);
  out.query = url.substr(path_end);
  return out;
}

void append_encoded(std::string& out, std::string_view path) {
  constexpr std::string_view k_plain = "/-._~!$&'()*+,;=:@";
  constexpr std::string_view k_hex = "0123456789ABCDEF";
  for (const char c : path) {
    if (is_letter(c) || is_digit(c) || k_plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += k_hex[byte >> 4U];
      out += k_hex[byte & 15U];
    }
  }
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  append_decoded(out, text);
  return out;
}

// An address with all of its parts.
struct UrlResolver::Absolute {
  Where where = Where::elsewhere;  // any but `inside`, which is not known yet
  std::string scheme, host, path, fragment;
  bool above_root = false;
  const char* why = "";
};

std::optional<SiteAddress> parse_site_address(std::string_view url) {
  const SiteAddress nowhere{.scheme = "", .host = "", .prefix = ""};
  UrlResolver resolver(nowhere, "");
  resolver.set_base(url);
  if (resolver.host_.empty()) {
    return std::nullopt;
  }
  std::string prefix = resolver.path_.substr(1);
  prefix += prefix.empty() || prefix.ends_with('/') ? "" : "/";
  return SiteAddress{std::move(resolver.scheme_), std::move(resolver.host_), std::move(prefix)};
}

UrlResolver::UrlResolver(const SiteAddress& address, std::string_view key)
    : address_(&address), scheme_(address.scheme), host_(address.host) {
  path_ = "/" + address.prefix + std::string(key);
}

void UrlResolver::set_base(std::string_view url) {
  Absolute base = parse(url);
  if (base.where == Where::elsewhere) {
    scheme_ = std::move(base.scheme);
    host_ = std::move(base.host);
    path_ = std::move(base.path);
    has_base_ = true;
  }
}

UrlResolver::Absolute UrlResolver::parse(std::string_view url) const {
  std::string buffer;
  const Parts parts = split(url, scheme_, buffer);
  Absolute out;
  out.where = parts.where;
  out.scheme = parts.scheme;
  out.fragment = parts.fragment;
  if (parts.where != Where::elsewhere) {
    return out;
  }
  if (parts.is_absolute) {
    Authority authority = parse_authority(parts.authority, out.scheme);
    if (authority.host.empty()) {
      out.where = Where::malformed;
      out.why = authority.why;
      return out;
    }
    out.host = std::move(authority.host);
  } else {
    out.host = host_;
  }
  std::string_view path = parts.path;
  if (!path.empty() && is_slash(path.front())) {
    out.path = "/";
    path.remove_prefix(1);
  } else if (parts.is_absolute) {
    out.path = "/";
  } else if (path.empty()) {
    out.path = path_;
    return out;
  } else {
    out.path = path_.substr(0, path_.rfind('/') + 1);
  }
  out.above_root = append_path(out.path, path);
  return out;
}

std::string UrlResolver::web_address(std::string_view url) const {
  std::string buffer;
  const Parts parts = split(url, scheme_, buffer);
  const std::string host =
      parts.is_absolute ? parse_authority(parts.authority, parts.scheme).host : host_;
  if (parts.where != Where::elsewhere || host.empty()) {
    return {};
  }
  std::string path;
  if (parts.is_absolute || (!parts.path.empty() && is_slash(parts.path.front()))) {
    path = parts.path.empty() ? "/" : parts.path;
  } else {
    const bool is_same = parts.path.empty();
    append_encoded(path, is_same ? path_ : path_.substr(0, path_.rfind('/') + 1));
    path += parts.path;
  }
  std::ranges::replace(path, '\\', '/');
  return parts.scheme + "://" + host + path + std::string(parts.query);
}

Destination UrlResolver::resolve(std::string_view url) const {
  Absolute to = parse(url);
  Destination out;
  out.where = to.where;
  out.why = to.why;
  if (to.where != Where::elsewhere) {
    return out;
  }
  out.fragment = std::move(to.fragment);
  const bool is_here = to.host == address_->host;
  const std::string_view path = std::string_view(to.path).substr(1);
  const std::string& prefix = address_->prefix;
  const bool is_root =
      !prefix.empty() && path == std::string_view(prefix).substr(0, prefix.size() - 1);
  if (is_here && (path.starts_with(prefix) || is_root)) {
    out.where = Where::inside;
    out.path = is_root ? "" : path.substr(prefix.size());
    out.above_root = to.above_root;
  }
  return out;
}

}  // namespace deployflow::validate
