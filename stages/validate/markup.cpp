#include "stages/validate/markup.hpp"

#include <algorithm>
#include <array>

namespace deployflow::validate {
namespace {

template <std::size_t N>
using Names = std::array<TagId, N>;

template <class... T>
constexpr Names<sizeof...(T)> names(T... name) {
  Names<sizeof...(T)> ids{tag_id(name)...};
  std::ranges::sort(ids);
  return ids;
}

template <std::size_t N>
bool contains(const Names<N>& ids, TagId id) {
  return std::ranges::binary_search(ids, id);
}

constexpr auto k_void = names("area",
                              "base",
                              "basefont",
                              "bgsound",
                              "br",
                              "col",
                              "command",
                              "embed",
                              "frame",
                              "hr",
                              "image",
                              "img",
                              "input",
                              "keygen",
                              "link",
                              "meta",
                              "param",
                              "source",
                              "track",
                              "wbr");
constexpr auto k_optional_end = names("html",
                                      "head",
                                      "body",
                                      "li",
                                      "dt",
                                      "dd",
                                      "p",
                                      "rb",
                                      "rt",
                                      "rtc",
                                      "rp",
                                      "optgroup",
                                      "option",
                                      "colgroup",
                                      "caption",
                                      "thead",
                                      "tbody",
                                      "tfoot",
                                      "tr",
                                      "td",
                                      "th");
constexpr auto k_ends_paragraph = names("address",
                                        "article",
                                        "aside",
                                        "blockquote",
                                        "center",
                                        "details",
                                        "dialog",
                                        "dir",
                                        "div",
                                        "dl",
                                        "fieldset",
                                        "figcaption",
                                        "figure",
                                        "footer",
                                        "form",
                                        "h1",
                                        "h2",
                                        "h3",
                                        "h4",
                                        "h5",
                                        "h6",
                                        "header",
                                        "hgroup",
                                        "hr",
                                        "main",
                                        "menu",
                                        "nav",
                                        "ol",
                                        "p",
                                        "pre",
                                        "listing",
                                        "search",
                                        "section",
                                        "summary",
                                        "table",
                                        "ul",
                                        "li",
                                        "dt",
                                        "dd",
                                        "xmp",
                                        "plaintext");
constexpr auto k_ends_sibling = names("option",
                                      "optgroup",
                                      "tr",
                                      "td",
                                      "th",
                                      "tbody",
                                      "thead",
                                      "tfoot",
                                      "colgroup",
                                      "col",
                                      "caption",
                                      "a",
                                      "button",
                                      "nobr",
                                      "rb",
                                      "rt",
                                      "rtc",
                                      "rp",
                                      "select",
                                      "input",
                                      "textarea");
constexpr auto k_head = names("base",
                              "basefont",
                              "bgsound",
                              "link",
                              "meta",
                              "noframes",
                              "noscript",
                              "script",
                              "style",
                              "template",
                              "title");

constexpr auto k_formatting = names("a",
                                    "b",
                                    "big",
                                    "code",
                                    "em",
                                    "font",
                                    "i",
                                    "nobr",
                                    "s",
                                    "small",
                                    "strike",
                                    "strong",
                                    "tt",
                                    "u");

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t begin = 0; begin < list.size();) {
    while (begin < list.size() && is_space(list[begin])) {
      ++begin;
    }
    std::size_t end = begin;
    while (end < list.size() && !is_space(list[end])) {
      ++end;
    }
    if (equals_ignoring_case(list.substr(begin, end - begin), word)) {
      return true;
    }
    begin = end;
  }
  return false;
}

std::string shortened(std::string_view snippet, std::size_t most_bytes) {
  std::size_t end = std::min(snippet.size(), most_bytes);
  while (end < snippet.size() && end > 0 &&
         (static_cast<unsigned char>(snippet[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  std::string out(snippet.substr(0, end));
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return end < snippet.size() ? out + "..." : out;
}

std::string_view name_of_tag(std::string_view tag) {
  const std::size_t begin = tag.starts_with("</") ? 2 : 1;
  if (tag.size() <= begin || tag.front() != '<' || !is_letter(tag[begin])) {
    return {};
  }
  std::size_t end = begin;
  while (end < tag.size() && !is_space(tag[end]) && tag[end] != '/' && tag[end] != '>') {
    ++end;
  }
  return tag.substr(begin, end - begin);
}

bool is_void(TagId id) {
  return contains(k_void, id);
}
bool has_optional_end(TagId id) {
  return contains(k_optional_end, id);
}
bool ends_paragraph(TagId id) {
  return contains(k_ends_paragraph, id);
}
bool ends_another(TagId id) {
  return ends_paragraph(id) || contains(k_ends_sibling, id);
}
bool is_formatting(TagId id) {
  return contains(k_formatting, id);
}
bool is_head_element(TagId id) {
  return contains(k_head, id);
}

}  // namespace deployflow::validate
