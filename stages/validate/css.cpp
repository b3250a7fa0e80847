#include "stages/validate/css.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace deployflow::validate {
namespace {

bool is_newline(char c) {
  return c == '\n' || c == '\r' || c == '\f';
}

bool is_name(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

int hex_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  return lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

void append_utf8(std::string& out, std::uint32_t c) {
  constexpr std::uint32_t k_last = 0x10FFFF;
  if (c == 0 || c > k_last || (c >= 0xD800 && c <= 0xDFFF)) {
    c = 0xFFFD;
  }
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += {static_cast<char>(0xC0U | (c >> 6U)), static_cast<char>(0x80U | (c & 0x3FU))};
  } else if (c < 0x10000) {
    out += {static_cast<char>(0xE0U | (c >> 12U)),
            static_cast<char>(0x80U | ((c >> 6U) & 0x3FU)),
            static_cast<char>(0x80U | (c & 0x3FU))};
  } else {
    out += {static_cast<char>(0xF0U | (c >> 18U)),
            static_cast<char>(0x80U | ((c >> 12U) & 0x3FU)),
            static_cast<char>(0x80U | ((c >> 6U) & 0x3FU)),
            static_cast<char>(0x80U | (c & 0x3FU))};
  }
}

class Reader {
 public:
  Reader(std::string_view text, const ReferenceSink& found) : text_(text), found_(found) {}

  void read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (text_.substr(at_).starts_with("/*")) {
        skip_comment();
      } else if (c == '"' || c == '\'') {
        read_string();
      } else if (c == '@') {
        ++at_;
        read_at_word();
      } else if (is_name(c) || c == '\\') {
        read_word();
      } else {
        is_import_ = is_import_ && is_space(c);
        is_font_ = is_font_ && c != '}';
        is_namespace_ = is_namespace_ && c != ';';
        ++at_;
      }
    }
  }

 private:
  void skip_comment() {
    const std::size_t end = text_.find("*/", at_ + 2);
    at_ = end == std::string_view::npos ? text_.size() : end + 2;
  }

  // An escape at at_ - which is behind its backslash - into `out`.
  void read_escape(std::string& out) {
    constexpr int k_most_digits = 6;
    std::uint32_t code = 0;
    int digits = 0;
    for (; at_ < text_.size() && digits < k_most_digits && hex_value(text_[at_]) >= 0; ++digits) {
      code = code * 16 + static_cast<std::uint32_t>(hex_value(text_[at_++]));
    }
    if (digits > 0) {
      append_utf8(out, code);
      if (text_.substr(at_, 2) == "\r\n") {
        ++at_;
      }
      at_ += at_ < text_.size() && is_space(text_[at_]) ? 1U : 0U;
    } else if (at_ < text_.size()) {
      out += text_[at_++];
    }
  }

  // From a quote to behind its twin; nothing if the string is broken by the end of its line.
  std::optional<std::string> take_string() {
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        return out;
      }
      if (is_newline(c)) {
        return std::nullopt;
      }
      ++at_;
      if (c != '\\') {
        out += c;
      } else if (at_ < text_.size() && is_newline(text_[at_])) {
        at_ += text_.substr(at_, 2) == "\r\n" ? 2U : 1U;
      } else {
        read_escape(out);
      }
    }
    return out;  // the end of the text ends a string, too
  }

  void read_string() {
    const std::size_t begin = at_;
    const auto text = take_string();
    if (text && is_import_) {
      found_({RefKind::style, *text, begin + 1});
    }
    is_import_ = false;
  }

  std::string take_name() {
    std::string out;
    while (at_ < text_.size()) {
      if (is_name(text_[at_])) {
        out += text_[at_++];
      } else if (text_[at_] == '\\' && at_ + 1 < text_.size() && !is_newline(text_[at_ + 1])) {
        ++at_;
        read_escape(out);
      } else {
        break;
      }
    }
    return out;
  }

  void read_at_word() {
    const std::string name = take_name();
    is_import_ = equals_ignoring_case(name, "import");
    is_font_ = equals_ignoring_case(name, "font-face");
    is_namespace_ = equals_ignoring_case(name, "namespace");
  }

  void read_word() {
    const std::size_t begin = at_;
    const std::string name = take_name();
    if (at_ == begin) {
      ++at_;  // a backslash that escapes nothing
      return;
    }
    if (at_ < text_.size() && text_[at_] == '(' && equals_ignoring_case(name, "url")) {
      ++at_;
      read_url();
    }
    is_import_ = false;
  }

  void read_url() {
    at_ = std::min(text_.find_first_not_of(" \t\n\r\f", at_), text_.size());
    const std::size_t begin = at_;
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      if (const auto url = take_string()) {
        tell(*url, begin + 1);
      }
      return;
    }
    std::string url;
    bool is_bad = false;
    while (at_ < text_.size() && text_[at_] != ')') {
      const char c = text_[at_++];
      if (c == '\\' && at_ < text_.size() && !is_newline(text_[at_])) {
        read_escape(url);
      } else if (is_space(c)) {
        at_ = std::min(text_.find_first_not_of(" \t\n\r\f", at_), text_.size());
        is_bad = is_bad || (at_ < text_.size() && text_[at_] != ')');
      } else {
        is_bad = is_bad || c == '"' || c == '\'' || c == '(';
        url += c;
      }
    }
    at_ += at_ < text_.size() ? 1U : 0U;
    if (!is_bad) {  // browsers drop a declaration with a bad one
      tell(url, begin);
    }
  }

  // "url(x) no-repeat !ie", at_ being behind the address: written for browsers that are gone, and
  // those that there are drop a declaration with another "!" word than "!important". No further
  // than to the next ( or quote, so that all such looks together are one pass over the text.
  bool is_dropped() const {
    const std::size_t end = text_.find_first_not_of(" \t\n\r\f)", at_);
    std::size_t at = text_.find_first_of("!;{}()\"'/", end);
    if (is_import_ || at == std::string_view::npos || text_[at] != '!') {
      return false;
    }
    at = std::min(text_.find_first_not_of(" \t\n\r\f", at + 1), text_.size());
    const std::size_t begin = at;
    while (at < text_.size() && is_name(text_[at])) {
      ++at;
    }
    const std::string_view word = text_.substr(begin, at - begin);
    return !word.empty() && !equals_ignoring_case(word, "important");
  }

  void tell(std::string_view url, std::size_t at) {
    const std::string_view bare = trimmed(url);
    if (!is_namespace_ && !bare.empty() && bare.front() != '#' &&  // #: of the page that uses it
        !is_dropped()) {
      found_({is_import_ ? RefKind::style : is_font_ ? RefKind::font : RefKind::other, url, at});
    }
    is_namespace_ = false;
  }

  std::string_view text_;
  const ReferenceSink& found_;
  std::size_t at_ = 0;
  bool is_import_ = false;     // between "@import" and its address
  bool is_font_ = false;       // inside of @font-face
  bool is_namespace_ = false;  // behind "@namespace", whose address is only a name
};

}  // namespace

void read_css(std::string_view text, const ReferenceSink& found) {
  Reader(text, found).read();
}

}  // namespace deployflow::validate
