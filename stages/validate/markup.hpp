// The small words of HTML's grammar: characters, names, and what is known about an element by its
// name.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace deployflow::validate {

constexpr std::size_t k_nowhere = static_cast<std::size_t>(-1);

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/// Some characters. std::string_view looks for one of several with a call for each character of the
/// text, which is most of what a pass over a page would take.
class CharacterSet {
 public:
  explicit constexpr CharacterSet(std::string_view members) {
    for (const char c : members) {
      has_[static_cast<unsigned char>(c)] = true;
    }
  }
  [[nodiscard]] constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }

  /// Offset of the first member from `from` on; the size of the text if there is none.
  [[nodiscard]] std::size_t find_in(std::string_view text, std::size_t from) const {
    while (from < text.size() && !has(text[from])) {
      ++from;
    }
    return from;
  }
  /// The same of the first character that is no member.
  [[nodiscard]] std::size_t find_other(std::string_view text, std::size_t from) const {
    while (from < text.size() && has(text[from])) {
      ++from;
    }
    return from;
  }

 private:
  std::array<bool, 256> has_{};
};

std::string_view trimmed(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string lowered(std::string_view text);

/// Does a list of words, such as rel="a b", have this one, in upper or lower case?
bool has_word(std::string_view list, std::string_view word);

/// A name or snippet of a page, cut to so many bytes at a character, without control characters.
std::string shortened(std::string_view snippet, std::size_t most_bytes = 40);

/// An element's name as a number: FNV-1a of the name in lower case. Two names that collide are
/// taken for one element, which costs a wrong estimate and no more.
using TagId = std::uint64_t;
constexpr TagId tag_id(std::string_view name) {
  TagId hash = 0xcbf29ce484222325U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(lower(c))) * 0x100000001b3U;
  }
  return hash;
}

/// The name in "<name ...>" or "</name ...>", as written; empty if `tag` does not begin so.
std::string_view name_of_tag(std::string_view tag);

/// Elements that have no end tag ("br").
bool is_void(TagId id);
/// Elements whose end tag HTML lets a writer leave out ("li", "p", "body").
bool has_optional_end(TagId id);
/// Start tags that end an open "p" ("div", "ul").
bool ends_paragraph(TagId id);
/// Start tags that end an open element by themselves ("div" ends a "p", "li" an "li").
bool ends_another(TagId id);
/// Elements that a browser opens again when something else ends them ("b", "a").
bool is_formatting(TagId id);
/// Elements that belong into <head> ("meta").
bool is_head_element(TagId id);

}  // namespace deployflow::validate
