// Small questions about a node of gumbo's tree.

#pragma once

#include "stages/validate/markup.hpp"
#include "stages/validate/position.hpp"

#include <gumbo.h>

#include <string>
#include <string_view>

namespace deployflow::validate {

inline bool is_element(const GumboNode& node) {
  return node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE;
}

/// And not of SVG or MathML, which have a <title> and an <a> of their own.
inline bool is_html(const GumboElement& element) {
  return element.tag_namespace == GUMBO_NAMESPACE_HTML;
}

/// A piece of the page; empty for what the parser made.
inline std::string_view view(const GumboStringPiece& piece) {
  return piece.data != nullptr ? std::string_view{piece.data, piece.length} : std::string_view{};
}

inline const GumboAttribute* find_attribute(const GumboElement& element, const char* name) {
  return gumbo_get_attribute(&element.attributes, name);
}

/// Its value; empty if it is not there.
inline std::string_view attribute(const GumboElement& element, const char* name) {
  const GumboAttribute* found = find_attribute(element, name);
  return found != nullptr ? std::string_view(found->value) : std::string_view();
}

/// "<p>", as the name is written.
inline std::string name_of(const GumboElement& element) {
  return "<" + shortened(name_of_tag(view(element.original_tag))) + ">";
}

/// Where the value begins; of an attribute without one, the name. There gumbo leaves the place of a
/// value as the memory was, and says that its text is that of the name.
inline Position place_of(const GumboAttribute& attribute) {
  const bool has_value = attribute.original_value.data != attribute.original_name.data;
  const GumboSourcePosition& at = has_value ? attribute.value_start : attribute.name_start;
  return {at.line, at.column};
}

}  // namespace deployflow::validate
