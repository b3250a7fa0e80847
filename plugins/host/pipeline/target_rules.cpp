#include "plugins/host/pipeline/target_rules.hpp"

#include "plugins/host/base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace deployflow::pipeline {
namespace {

constexpr std::size_t k_max_prefix_bytes = 900;  // of a key's 1,024
constexpr std::size_t k_max_bucket_bytes = 255;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool all_of_set(std::string_view text, std::string_view extra) {
  return std::all_of(text.begin(), text.end(), [extra](char c) {
    return is_alphanumeric(c) || extra.find(c) != std::string_view::npos;
  });
}

Error wrong(std::string message, std::string hint = {}) {
  return {Errc::config, std::move(message), std::move(hint)};
}

// "http://" or "https://", in lower case, and what follows it.
std::optional<std::string> take_scheme(std::string_view& text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    const bool same = text.size() >= scheme.size() &&
                      std::equal(scheme.begin(), scheme.end(), text.begin(), [](char a, char b) {
                        return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + ('a' - 'A')) : b);
                      });
    if (same) {
      text.remove_prefix(scheme.size());
      return std::string(scheme);
    }
  }
  return std::nullopt;
}

bool is_port(std::string_view text) {
  constexpr int k_last_port = 65535;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > k_last_port) {
      return false;
    }
    value = value * 10 + (c - '0');
  }
  return value >= 1 && value <= k_last_port;
}

bool is_host(std::string_view text) {
  if (text.substr(0, 1) == "[") {
    return text.size() > 3 && text.back() == ']' &&
           text.substr(1, text.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") ==
               std::string_view::npos;
  }
  return !text.empty() && text[0] != '.' && text[0] != '-' && all_of_set(text, ".-_") &&
         text.find("..") == std::string_view::npos;
}

bool is_authority(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return colon == std::string_view::npos
             ? is_host(text)
             : is_host(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

bool is_url_path(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
  });
}

// No '/' at the end.
Result<std::string> normal_url(std::string_view text) {
  const auto scheme = take_scheme(text);
  if (!scheme) {
    return wrong("must be a URL that starts with http:// or https://");
  }
  const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) {
    return wrong("has a user or password in it; credentials never go there",
                 "use the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) or \"profile\"");
  }
  if (!is_authority(authority)) {
    return wrong("must name a host, and after \":\" a port from 1 to 65535");
  }
  std::string_view path = text.substr(authority.size());
  if (path.find_first_of("?#") != std::string_view::npos) {
    return wrong("must not have a query (\"?\") or a fragment (\"#\")");
  }
  if (!is_url_path(path)) {
    return wrong("has a character in its path that a URL cannot hold", "write it as %XX");
  }
  while (!path.empty() && path.back() == '/') {
    path.remove_suffix(1);
  }
  return *scheme + std::string(authority) + std::string(path);
}

}  // namespace

Result<std::string> normal_endpoint(std::string_view text) {
  return normal_url(text);
}

Result<std::string> normal_site_url(std::string_view text) {
  TRY_ASSIGN(std::string url, normal_url(text));
  return url + "/";
}

Result<std::string> normal_prefix(std::string_view text) {
  if (text.substr(0, 1) == "/") {
    text.remove_prefix(1);
  }
  if (text.empty()) {
    return std::string();
  }
  std::string out(text);
  out += out.back() == '/' ? "" : "/";
  if (out.size() > k_max_prefix_bytes) {
    return wrong("is longer than 900 bytes");
  }
  if (!is_utf8(out) || std::any_of(out.begin(), out.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
      })) {
    return wrong("has control characters in it");
  }
  for (std::size_t start = 0; start < out.size();) {
    const std::size_t end = out.find('/', start);
    const std::string_view segment = std::string_view(out).substr(start, end - start);
    if (segment.empty() || segment == "." || segment == "..") {
      return wrong("has an empty, \".\" or \"..\" part between slashes");
    }
    start = end + 1;
  }
  return out;
}

Result<std::string> normal_bucket(std::string_view text) {
  if (text.empty() || text.size() > k_max_bucket_bytes || !all_of_set(text, "._-") || text == "." ||
      text == "..") {
    return wrong("must be the name of a bucket: 1 to 255 letters, digits, \".\", \"_\" and \"-\"",
                 text.find('/') != std::string_view::npos
                     ? "a path in the bucket goes into \"prefix\""
                     : "");
  }
  return std::string(text);
}

bool is_target_name(std::string_view text) {
  return !text.empty() && all_of_set(text, "_-");
}

}  // namespace deployflow::pipeline
