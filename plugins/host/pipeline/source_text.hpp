// The text of a pipeline file, and the way between a byte in it and the line and column a person
// sees.

#pragma once

#include "plugins/host/pipeline/value.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::pipeline {

/// Immutable. Lines end in '\n'; a column counts characters (code points), not bytes.
class SourceText {
 public:
  SourceText() : SourceText(std::string()) {}
  explicit SourceText(std::string text);

  [[nodiscard]] std::string_view text() const { return text_; }

  /// Where byte `offset` stands; past the end means the end.
  [[nodiscard]] Position position(std::size_t offset) const;

  /// The byte at a place that position() gave.
  [[nodiscard]] std::size_t offset(Position at) const;

 private:
  [[nodiscard]] std::size_t characters_before(std::size_t offset) const;

  std::string text_;
  std::vector<std::size_t> lines_;  // byte where each line starts
  std::vector<std::size_t>
      characters_;  // how many start before byte i * k_block: long lines stay cheap
};

}  // namespace deployflow::pipeline
