#include "stages/validate/ignore_marks.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>

namespace deployflow::validate {
namespace {

constexpr std::string_view k_mark = "deployflow-ignore";

bool is_between(char c) {
  return is_space(c) || c == ',';
}

// The words up to the reason. `offset`: of `words` in the text.
void read_words(std::string_view words, std::size_t offset, IgnoreMarks& out) {
  for (std::size_t begin = 0; begin < words.size();) {
    if (is_between(words[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < words.size() && !is_between(words[end])) {
      ++end;
    }
    std::string_view code = words.substr(begin, end - begin);
    const bool is_last = code.ends_with(':');
    code.remove_suffix(is_last ? 1 : 0);
    if (const RuleMask bit = bit_of(code); bit.any()) {
      out.rules |= bit;
    } else if (!code.empty()) {
      out.unknown.push_back({offset + begin, code});
    }
    if (is_last) {
      return;
    }
    begin = end;
  }
}

}  // namespace

IgnoreMarks read_ignore_marks(std::string_view text, CommentSyntax syntax) {
  const std::string_view begin = syntax == CommentSyntax::html ? "<!--" : "/*";
  const std::string_view end = syntax == CommentSyntax::html ? "-->" : "*/";
  IgnoreMarks out;
  for (std::size_t at = text.find(k_mark); at != std::string_view::npos;
       at = text.find(k_mark, at)) {
    std::size_t before = at;
    while (before > 0 && is_space(text[before - 1])) {
      --before;
    }
    at += k_mark.size();
    const std::size_t close = text.find(end, at);
    if (close == std::string_view::npos) {
      break;  // no comment is ended any more
    }
    const std::string_view words = text.substr(at, close - at);
    if (text.substr(0, before).ends_with(begin) && (words.empty() || is_between(words.front()))) {
      read_words(words, at, out);
    }
  }
  return out;
}

}  // namespace deployflow::validate
