// What the parsers of _redirects and _headers share: lines, and what is wrong with them.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::shape {

struct LineProblem {
  std::uint32_t line = 0;  // from 1
  bool is_error = true;    // false: the line means less than its author may think
  std::string message;     // one clause; holds printable ASCII alone
  std::string hint;
};

/// Keeps the first 100: a file that is something else entirely has one in each line.
class LineProblems {
 public:
  void error(std::uint32_t line, std::string message, std::string hint = {}) {
    add({line, true, std::move(message), std::move(hint)});
  }
  void warning(std::uint32_t line, std::string message, std::string hint = {}) {
    add({line, false, std::move(message), std::move(hint)});
  }
  /// In the order of lines; the last may count those that were left out.
  [[nodiscard]] std::vector<LineProblem> take() {
    std::stable_sort(
        kept_.begin(), kept_.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
    if (left_out_ > 0) {
      const std::uint32_t line = kept_.back().line;
      kept_.push_back({line, true, "and " + std::to_string(left_out_) + " more like these", ""});
    }
    return std::move(kept_);
  }

 private:
  void add(LineProblem problem) {
    constexpr std::size_t k_most = 100;
    if (kept_.size() < k_most) {
      kept_.push_back(std::move(problem));
    } else {
      ++left_out_;
    }
  }

  std::vector<LineProblem> kept_;
  std::size_t left_out_ = 0;
};

inline bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

/// Call `f(line, number)` for each line, blanks at its ends and a byte order mark before the first
/// taken away. Lines end with LF, CR LF or CR.
template <class F>
void each_line(std::string_view text, F f) {
  constexpr std::string_view k_mark = "\xEF\xBB\xBF";
  if (text.substr(0, k_mark.size()) == k_mark) {
    text.remove_prefix(k_mark.size());
  }
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    f(trimmed(text.substr(0, end)), number);
    const bool is_pair = text.substr(end, 2) == "\r\n";
    text.remove_prefix(std::min(end + (is_pair ? 2 : 1), text.size()));
  }
}

/// 0x21 to 0x7E alone.
inline bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

/// A word of the file, for a message.
inline std::string in_quotes(std::string_view word) {
  constexpr std::size_t k_most = 60;
  std::string out = "\"";
  for (const char c : word.substr(0, k_most)) {
    out += c >= 0x20 && c < 0x7F ? c : '?';
  }
  return out + (word.size() > k_most ? "...\"" : "\"");
}

}  // namespace deployflow::shape
