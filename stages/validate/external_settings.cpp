#include "stages/validate/external_settings.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace deployflow::validate {
namespace {

std::optional<int> status_of(std::string_view text) {
  int status = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), status);
  const bool is_whole = problem == std::errc() && end == text.data() + text.size();
  return is_whole && status >= 100 && status <= 999 ? std::optional(status) : std::nullopt;
}

bool matches_any(const std::vector<UrlPattern>& patterns, std::string_view url) {
  return std::ranges::any_of(patterns, [url](const UrlPattern& p) { return p.matches(url); });
}

}  // namespace

bool StatusList::add(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = status_of(trimmed(text.substr(0, dash)));
  const auto last =
      dash == std::string_view::npos ? first : status_of(trimmed(text.substr(dash + 1)));
  if (!first || !last || *last < *first) {
    return false;
  }
  ranges_.emplace_back(*first, *last);
  return true;
}

bool StatusList::has(int status) const {
  return std::ranges::any_of(
      ranges_, [status](const auto& r) { return status >= r.first && status <= r.second; });
}

bool is_asked(const ExternalSettings& settings, std::string_view url) {
  return (settings.allow.empty() || matches_any(settings.allow, url)) &&
         !matches_any(settings.deny, url);
}

}  // namespace deployflow::validate
