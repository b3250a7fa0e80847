#include "cli/report/xml_text.hpp"

#include "plugins/host/base/text.hpp"

namespace deployflow::cli {
namespace {

std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':  // so that no text holds "]]>"
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '\n':  // a parser makes a blank of a bare one in an attribute
      return "&#10;";
    case '\t':
      return "&#9;";
    default:
      return {};
  }
}

void add_plain(std::string& out, std::string_view text) {
  for (const char c : printable(text)) {
    const std::string_view escape = escape_of(c);
    escape.empty() ? void(out += c) : void(out += escape);
  }
}

// U+FFFE and U+FFFF are UTF-8 and print, but are no characters of XML.
bool is_no_character(std::string_view text) {
  return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF");
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool kept = text[at] == '\n' || text[at] == '\t';
    if (!kept && !is_no_character(text.substr(at))) {
      continue;
    }
    add_plain(out, text.substr(start, at - start));
    if (kept) {
      out += escape_of(text[at]);
    } else {
      out += text[at + 2] == '\xBE' ? "\\u{FFFE}" : "\\u{FFFF}";
      at += 2;
    }
    start = at + 1;
  }
  add_plain(out, text.substr(start));
  return out;
}

}  // namespace deployflow::cli
