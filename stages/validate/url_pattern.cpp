#include "stages/validate/url_pattern.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>
#include <cstddef>

namespace deployflow::validate {
namespace {

constexpr std::string_view k_slashes = "://";

std::string_view scheme_of(std::string_view url) {
  const std::size_t end = url.find(k_slashes);
  return end == std::string_view::npos ? std::string_view() : url.substr(0, end);
}

std::string_view behind_scheme(std::string_view url) {
  const std::size_t end = url.find(k_slashes);
  return end == std::string_view::npos ? url : url.substr(end + k_slashes.size());
}

std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool is_port =
      colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  return is_port ? host.substr(0, colon) : host;
}

// '*' stands for any characters. The last '*' alone is ever taken up again, so it takes at most
// pattern times text.
bool fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, tried = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      tried = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++tried;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

std::string_view host_of(std::string_view url) {
  const std::string_view rest = behind_scheme(url);
  return rest.substr(0, rest.find_first_of("/?"));
}

std::optional<UrlPattern> UrlPattern::parse(std::string_view text) {
  UrlPattern out;
  text = trimmed(text);
  out.scheme_ = lowered(scheme_of(text));
  const std::string_view rest = behind_scheme(text);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  out.host_ = lowered(rest.substr(0, slash));
  out.path_ = rest.substr(slash);
  const bool is_web = out.scheme_.empty() || out.scheme_ == "http" || out.scheme_ == "https";
  const bool is_host = !out.host_.empty() && std::ranges::none_of(out.host_, is_space);
  return is_web && is_host ? std::optional(std::move(out)) : std::nullopt;
}

bool UrlPattern::matches(std::string_view url) const {
  const std::string_view host = host_of(url);
  if (!scheme_.empty() && scheme_of(url) != scheme_) {
    return false;
  }
  if (!fits(host_, host) && !fits(host_, without_port(host))) {
    return false;
  }
  std::string_view path = behind_scheme(url).substr(host.size());
  return path_.empty() || path_ == "/" || fits(path_ + "*", path);
}

}  // namespace deployflow::validate
