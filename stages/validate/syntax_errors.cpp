#include "stages/validate/syntax_errors.hpp"

#include "stages/validate/tree_errors.hpp"

#include <algorithm>
#include <string>

namespace deployflow::validate {
namespace {

std::string_view name_at(std::string_view text, std::size_t offset, std::string_view ends) {
  const std::string_view rest = text.substr(offset);
  return rest.substr(0, std::min(rest.find_first_of(ends), rest.size()));
}

// Nothing of "&;", which is no reference and no error, whatever gumbo says.
std::optional<Draft> reference(std::string_view text, std::size_t offset) {
  std::size_t end = offset + 1;
  while (end < text.size() && end - offset < 40 &&
         (is_letter(text[end]) || is_digit(text[end]) || text[end] == '#')) {
    ++end;
  }
  const bool is_ended = end < text.size() && text[end] == ';';
  if (end == offset + 1) {
    return std::nullopt;
  }
  const std::string name = shortened(text.substr(offset, end - offset));
  if (!is_ended) {
    return Draft{&rules::k_character_reference,
                 offset,
                 name + " has no semicolon",
                 "write " + name + ";, or &amp; for the character &"};
  }
  return Draft{&rules::k_character_reference,
               offset,
               "there is no character " + name + ";",
               "write &amp; for the character &"};
}

// The tag that `offset` is inside of: its name; empty if it is in none.
std::string_view tag_around(std::string_view text, std::size_t offset) {
  constexpr std::size_t k_furthest = 2000;
  for (std::size_t back = 1; back <= std::min(offset, k_furthest); ++back) {
    const char c = text[offset - back];
    if (c == '<') {
      return name_of_tag(text.substr(offset - back));
    }
    if (c == '>') {
      break;
    }
  }
  return {};
}

std::string inside_tag(std::string_view text, std::size_t offset, std::string_view name) {
  const char before = text[offset - 1];
  const bool starts_attribute = is_letter(text[offset]) && (before == '"' || before == '\'');
  const std::string where = " in the tag <" + shortened(name) + ">";
  if (starts_attribute) {
    return "no space between two attributes" + where;
  }
  return "unexpected character \"" + shortened(text.substr(offset, 1)) + "\"" + where;
}

Draft other(std::string_view text, std::size_t offset) {
  const auto around = [&](std::size_t back) {
    return offset >= back ? text.substr(offset - back) : "";
  };
  if (text.substr(offset).starts_with("<?") || around(1).starts_with("<?")) {
    return {&rules::k_syntax, offset, "<?...> is not HTML; it is taken for a comment"};
  }
  if (const std::string_view name = tag_around(text, offset); !name.empty()) {
    return {&rules::k_syntax, offset, inside_tag(text, offset, name)};
  }
  if (around(1).starts_with("<") && !around(1).starts_with("<!") && !around(1).starts_with("</")) {
    return {&rules::k_syntax,
            offset - 1,
            "a \"<\" that begins no tag",
            "write &lt; for the character <"};
  }
  return {&rules::k_syntax,
          offset,
          "malformed markup near \"" + shortened(text.substr(offset, 1)) + "\""};
}

// gumbo forgets that it has seen to the slash where the tag begins the body without a <body>.
bool may_close_itself(std::string_view tag) {
  const TagId id = tag_id(name_of_tag(tag));
  return is_void(id) || id == tag_id("svg") || id == tag_id("math");
}

}  // namespace

std::optional<Draft> syntax_error(const ParseError& error,
                                  std::string_view text,
                                  const Outline& outline) {
  switch (error.kind) {
    case ErrorKind::self_closing:
      if (may_close_itself(text.substr(error.offset))) {
        return std::nullopt;
      }
      return Draft{&rules::k_self_closing,
                   error.offset,
                   "<" + shortened(name_of_tag(text.substr(error.offset))) +
                       "/> does not end the element: HTML ignores the slash"};
    case ErrorKind::duplicate_attribute:
      return Draft{&rules::k_duplicate_attribute,
                   error.offset,
                   "attribute " + shortened(name_at(text, error.offset, " \t\r\n\f=/>")) +
                       " is given twice; the first one counts"};
    case ErrorKind::character_reference:
      return reference(text, error.offset);
    case ErrorKind::tree:
      return std::nullopt;
    case ErrorKind::other:
      break;
  }
  // The first line of XHTML. It does no harm in front, and many generators write it.
  const bool is_xml_prolog = error.offset <= 1 && text.starts_with("<?xml");
  const bool is_told = is_xml_prolog || error.offset >= text.size() ||
                       outline.is_in_odd_comment(error.offset) || text[error.offset] == '\0' ||
                       static_cast<unsigned char>(text[error.offset]) >= 0x80;
  return is_told ? std::nullopt : std::optional(other(text, error.offset));
}

}  // namespace deployflow::validate
