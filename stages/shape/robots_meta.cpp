#include "stages/shape/robots_meta.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace deployflow::shape {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

struct Tag {
  std::string name;  // lower case
  std::vector<std::pair<std::string, std::string>> attributes;

  [[nodiscard]] std::string value_of(std::string_view wanted) const {
    const auto found = std::find_if(
        attributes.begin(), attributes.end(), [&](const auto& one) { return one.first == wanted; });
    return found == attributes.end() ? std::string() : lower(found->second);
  }
};

/// As the HTML standard takes a text to pieces, as far as a head needs it.
class Scanner {
 public:
  explicit Scanner(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool is_at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] std::string_view rest() const { return text_.substr(std::min(at_, text_.size())); }

  void skip_space() {
    while (!is_at_end() && is_space(text_[at_])) {
      ++at_;
    }
  }

  /// White space, comments, doctypes and what a parser takes for comments.
  void skip_misc() {
    for (;;) {
      skip_space();
      if (rest().starts_with("<!--")) {
        skip_comment();
      } else if (rest().starts_with("<!") || rest().starts_with("<?")) {
        skip_behind(">");
      } else {
        return;
      }
    }
  }

  [[nodiscard]] bool is_at_start_tag() const {
    return rest().size() > 1 && rest()[0] == '<' && is_letter(rest()[1]);
  }

  /// The start tag here; false if the text ends within it.
  bool read_tag(Tag& tag) {
    std::size_t end = ++at_;
    while (end < text_.size() && !is_space(text_[end]) && text_[end] != '/' && text_[end] != '>') {
      ++end;
    }
    tag.name = lower(text_.substr(at_, end - at_));
    at_ = end;
    for (;;) {
      while (!is_at_end() && (is_space(text_[at_]) || text_[at_] == '/')) {
        ++at_;
      }
      if (is_at_end()) {
        return false;
      }
      if (text_[at_] == '>') {
        ++at_;
        return true;
      }
      read_attribute(tag);
    }
  }

  /// Behind "</name"; false if it is not there.
  bool skip_to_end_tag(std::string_view name) {
    for (std::size_t open = text_.find("</", at_); open != std::string_view::npos;
         open = text_.find("</", open + 2)) {
      const std::string_view found = text_.substr(open + 2, name.size());
      const std::size_t behind = open + 2 + name.size();
      if (lower(found) == name && behind < text_.size() &&
          (is_space(text_[behind]) || text_[behind] == '/' || text_[behind] == '>')) {
        at_ = behind;
        skip_behind(">");
        return true;
      }
    }
    return false;
  }

 private:
  void skip_behind(std::string_view what) {
    const std::size_t found = text_.find(what, at_);
    at_ = found == std::string_view::npos ? text_.size() : found + what.size();
  }

  // "<!-->" and "<!--->" are whole comments, and "--!>" ends one, too.
  void skip_comment() {
    at_ += 4;
    if (rest().starts_with(">") || rest().starts_with("->")) {
      skip_behind(">");
      return;
    }
    const std::size_t first = std::min(text_.find("-->", at_), text_.find("--!>", at_));
    at_ = first == std::string_view::npos ? text_.size() : first;
    skip_behind(">");
  }

  void read_attribute(Tag& tag) {
    std::size_t end = at_ + 1;  // a name may begin with anything, also with '='
    while (end < text_.size() && !is_space(text_[end]) &&
           std::string_view("/>=").find(text_[end]) == std::string_view::npos) {
      ++end;
    }
    auto& [name, value] = tag.attributes.emplace_back(lower(text_.substr(at_, end - at_)), "");
    at_ = end;
    skip_space();
    if (!rest().starts_with("=")) {
      return;
    }
    ++at_;
    skip_space();
    if (rest().starts_with("\"") || rest().starts_with("'")) {
      const char quote = text_[at_++];
      end = std::min(text_.find(quote, at_), text_.size());
      value = text_.substr(at_, end - at_);
      at_ = std::min(end + 1, text_.size());
      return;
    }
    end = at_;
    while (end < text_.size() && !is_space(text_[end]) && text_[end] != '>') {
      ++end;
    }
    value = text_.substr(at_, end - at_);
    at_ = end;
  }

  std::string_view text_;
  std::size_t at_;
};

bool has_word(std::string_view list, std::string_view word) {
  const auto is_part = [](char c) { return is_letter(c) || c == '-' || c == '_' || c == ':'; };
  for (std::size_t at = list.find(word); at != std::string_view::npos;
       at = list.find(word, at + 1)) {
    const std::size_t behind = at + word.size();
    if ((at == 0 || !is_part(list[at - 1])) && (behind == list.size() || !is_part(list[behind]))) {
      return true;
    }
  }
  return false;
}

bool says_noindex(const Tag& tag) {
  const std::string content = tag.value_of("content");
  return tag.name == "meta" && tag.value_of("name") == "robots" &&
         (has_word(content, "noindex") || has_word(content, "none"));
}

/// Is there such a tag among the elements of the head, which begin here?
bool has_noindex(Scanner scan) {
  static constexpr std::array<std::string_view, 4> k_empty{"meta", "link", "base", "basefont"};
  static constexpr std::array<std::string_view, 3> k_text{"title", "style", "script"};
  const auto is_among = [](const auto& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (;;) {
    scan.skip_misc();
    Tag tag;
    if (!scan.is_at_start_tag() || !scan.read_tag(tag)) {
      return false;
    }
    if (says_noindex(tag)) {
      return true;
    }
    if (is_among(k_text, tag.name)) {
      const std::string_view before = scan.rest();
      if (!scan.skip_to_end_tag(tag.name)) {
        return false;
      }
      // In a script "<!--" can hide an end tag: then nothing behind it is certain.
      const std::string_view skipped = before.substr(0, before.size() - scan.rest().size());
      if (skipped.find("<!--") != std::string_view::npos) {
        return false;
      }
    } else if (!is_among(k_empty, tag.name)) {
      return false;
    }
  }
}

}  // namespace

RobotsMeta find_robots_place(std::string_view page) {
  if (page.starts_with("\xFE\xFF") || page.starts_with("\xFF\xFE") ||
      page.substr(0, 4).find('\0') != std::string_view::npos) {
    return {RobotsPlace::other_bytes, 0};
  }
  Scanner scan(page, page.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  scan.skip_misc();
  std::size_t at = scan.at();
  for (const std::string_view name : {"html", "head"}) {
    Scanner look = scan;
    Tag tag;
    if (!look.is_at_start_tag()) {
      break;
    }
    if (!look.read_tag(tag)) {
      return {};
    }
    if (tag.name == name) {
      scan = look;
      at = scan.at();
      if (name == "html") {
        scan.skip_misc();
        at = scan.at();
      }
    }
  }
  if (scan.is_at_end()) {
    return {};
  }
  return has_noindex(scan) ? RobotsMeta{RobotsPlace::has_it, 0} : RobotsMeta{RobotsPlace::here, at};
}

}  // namespace deployflow::shape
