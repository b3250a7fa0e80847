#include "stages/release/plain_pattern.hpp"

#include <cstddef>

namespace deployflow::release {
namespace {

bool is_literal(std::string_view text) {
  return text.find_first_of("*?{}\\") == std::string_view::npos;
}
bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}
bool ends(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
}

}  // namespace

std::optional<PlainPattern> PlainPattern::read(std::string_view pattern) {
  const auto of = [](Shape shape, std::string_view text, bool in_segment) {
    const bool good = is_literal(text) && (!in_segment || text.find('/') == std::string_view::npos);
    return good ? std::optional(PlainPattern(shape, text)) : std::nullopt;
  };
  if (pattern == "**") {
    return of(Shape::below, "", false);
  }
  if (begins(pattern, "**/*")) {
    return of(Shape::suffix, pattern.substr(4), true);
  }
  if (begins(pattern, "*")) {
    return of(Shape::root_suffix, pattern.substr(1), true);
  }
  if (ends(pattern, "/**")) {
    return of(Shape::below, pattern.substr(0, pattern.size() - 2), false);
  }
  return of(Shape::key, pattern, false);
}

bool PlainPattern::matches(std::string_view key) const {
  switch (shape_) {
    case Shape::key:
      return key == text_;
    case Shape::below:
      return begins(key, text_);
    case Shape::root_suffix:
      return ends(key, text_) && key.find('/') == std::string_view::npos;
    case Shape::suffix:
      return ends(key, text_);
  }
  return false;
}

}  // namespace deployflow::release
