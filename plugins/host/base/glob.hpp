// Which keys a pattern means.
//
//   ?        one character, not '/'
//   *        any within a segment
//   **       any, across segments; as a whole segment ("a/**/b") also none at all
//   {a,b}    one of them; they may hold patterns, and lists again
//   \x       x itself, whatever it means elsewhere
//
// All else is itself, byte by byte: case matters, a leading dot does not.

#pragma once

#include "plugins/host/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow {

class Glob {
 public:
  /// Errors: `config` for a list that is not closed, one over 1,000 ways to read the lists, a
  /// pattern over 4,096 bytes, or a '\' at its end; the message does not repeat the pattern.
  static Result<Glob> compile(std::string_view pattern);

  /// At most |pattern| * |key| steps for each way to read the lists. Thread-safe.
  [[nodiscard]] bool matches(std::string_view key) const;

 private:
  enum class Kind : std::uint8_t { literal, one, star, stars, segments, inside_segments };
  struct Token {
    Kind kind = Kind::literal;
    char c = 0;  // of a literal
  };
  /// One way to read the lists. Most keys are told apart by their ends alone.
  struct Way {
    std::vector<Token> tokens;
    std::string head, tail;   // literals at both ends
    bool is_literal = false;  // head is all of it
  };

  static Way read_way(std::string_view pattern);
  static bool run(const std::vector<Token>& tokens, std::string_view key);

  std::vector<Way> ways_;
};

}  // namespace deployflow
