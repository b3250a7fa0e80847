// Regular expressions for `pattern`: an engine whose time is bounded by text times program.
//
// A schema comes from a plugin, so neither std::regex (recursive: long text overflows the stack)
// nor POSIX regcomp ("(((a{255}){255}){255})" eats all memory) will do. Thompson's simulation keeps
// a set of states instead of backtracking (https://swtch.com/~rsc/regexp/regexp1.html).
//
// Syntax, as ECMA-262 spells it: literals . [a-z] [^...] ( ) (?: ) | * + ? {n} {n,} {n,m} ^ $
// \d \w \s \D \W \S \n \r \t \f \v \xHH \uHHHH and escaped punctuation. Not: back references,
// look-around, \b.

#pragma once

#include "plugins/host/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::pipeline {

/// Immutable after compile(); thread-safe.
class Pattern {
 public:
  /// Errors: `config`: not supported, malformed, not UTF-8, over 512 bytes, over 2,048 states or 32
  /// levels.
  static Result<Pattern> compile(std::string_view expression);

  /// Does it match anywhere in `text`? Text over 4,096 bytes, or that is not UTF-8, never matches.
  [[nodiscard]] bool matches(std::string_view text) const;

  using Ranges = std::vector<std::pair<char32_t, char32_t>>;  // inclusive

  struct Instruction {
    enum class Op : std::uint8_t { take, split, jump, at_start, at_end };
    Op op = Op::take;
    Ranges ranges = {};    // take
    bool negated = false;  // take
    std::ptrdiff_t a = 1;  // split, jump: relative to this instruction
    std::ptrdiff_t b = 1;  // split
  };

 private:
  std::vector<Instruction> program_;  // running off its end is a match
};

}  // namespace deployflow::pipeline
