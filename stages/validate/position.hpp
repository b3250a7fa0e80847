// From a byte offset to the line and column that an editor shows.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace deployflow::validate {

struct Position {
  std::uint32_t line = 1,
                column = 1;  // 1-based; a column is one character (code point), also a tab

  friend bool operator==(const Position&, const Position&) = default;
};

/// Where `text`, which begins at `from`, ends.
Position advanced(Position from, std::string_view text);

/// The lines of one text, which must outlive it. A line ends at LF, CR LF or CR.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);
  /// `offset` may be the end of the text.
  [[nodiscard]] Position at(std::size_t offset) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

}  // namespace deployflow::validate
