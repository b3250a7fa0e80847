// One line of an ignore file, by gitignore(5) as git reads it, which says less than git does.
//
// What the page leaves open is git's: text is bytes ('?' is one byte, classes know ASCII), what
// stands before the first of *?[\ is compared as it is and the rest begins anew behind it (so the
// stars of "foo**/x" cross slashes), and a class that is not closed matches nothing.

#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::site {

class IgnorePattern {
 public:
  enum class Entry : std::uint8_t { folder, other };  // a symbolic link is no folder, as in git

  /// nullopt for a comment, a blank line, and what can match nothing. `line` has no line end.
  static std::optional<IgnorePattern> parse(std::string_view line);

  /// `path` is relative to the folder of the ignore file. At most |line| * |path| steps.
  [[nodiscard]] bool matches(std::string_view path, Entry entry) const;
  /// What it matches is kept, not left out.
  [[nodiscard]] bool is_negated() const { return is_negated_; }

 private:
  // The last three may stand for nothing. "**/" is: maybe, any_path, and the slash.
  enum class Kind : std::uint8_t { byte, one, set, star, any_path, maybe };
  struct Token {
    Kind kind = Kind::byte;
    char byte = 0;
    std::uint16_t set = 0;  // in sets_
  };
  using Set = std::bitset<256>;

  bool compile(std::string_view pattern);
  bool read_set(std::string_view pattern, std::size_t& at);
  [[nodiscard]] bool run(std::string_view text) const;
  [[nodiscard]] bool takes(const Token& token, char c) const;

  bool is_negated_ = false;
  bool is_for_folders_ = false;
  bool is_for_names_ = false;  // no slash in it: it is about the last segment, at any depth
  std::string head_;           // what stands before the first special character
  std::vector<Token> tokens_;  // and all behind it
  std::vector<Set> sets_;
};

}  // namespace deployflow::site
