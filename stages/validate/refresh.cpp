#include "stages/validate/refresh.hpp"

#include "stages/validate/markup.hpp"

namespace deployflow::validate {
namespace {

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  return text;
}

// What stands behind "url =", if it begins so.
std::string_view after_name(std::string_view text) {
  if (!equals_ignoring_case(text.substr(0, 3), "url")) {
    return text;
  }
  const std::string_view rest = without_spaces(text.substr(3));
  return rest.starts_with('=') ? without_spaces(rest.substr(1)) : text;
}

}  // namespace

Refresh parse_refresh(std::string_view content) {
  content = without_spaces(content);
  if (content.empty() || !(is_digit(content.front()) || content.front() == '.')) {
    return {};
  }
  while (!content.empty() && (is_digit(content.front()) || content.front() == '.')) {
    content.remove_prefix(1);
  }
  if (content.empty()) {
    return {.what = Refresh::What::reload};
  }
  if (!is_space(content.front()) && content.front() != ';' && content.front() != ',') {
    return {};
  }
  content = without_spaces(content);
  if (content.starts_with(';') || content.starts_with(',')) {
    content = without_spaces(content.substr(1));
  }
  if (content.empty()) {
    return {.what = Refresh::What::reload};
  }
  std::string_view url = after_name(content);
  if (url.starts_with('"') || url.starts_with('\'')) {
    const char quote = url.front();
    url.remove_prefix(1);
    url = url.substr(0, url.find(quote));
  }
  url = trimmed(url);
  return url.empty() ? Refresh{.what = Refresh::What::reload}
                     : Refresh{.what = Refresh::What::leave, .url = url};
}

}  // namespace deployflow::validate
