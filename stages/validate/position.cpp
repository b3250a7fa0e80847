#include "stages/validate/position.hpp"

#include <algorithm>

namespace deployflow::validate {

namespace {

// Of a continuation byte of UTF-8 there is no column.
bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

}  // namespace

Position advanced(Position from, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_end = text[i] == '\n' || (text[i] == '\r' && text.substr(i + 1, 1) != "\n");
    from.line += is_end ? 1U : 0U;
    from.column = is_end ? 1 : from.column + (begins_character(text[i]) ? 1U : 0U);
  }
  return from;
}

LineIndex::LineIndex(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t i = text.find_first_of("\r\n"); i != std::string_view::npos;
       i = text.find_first_of("\r\n", i)) {
    i += text.substr(i, 2) == "\r\n" ? 2U : 1U;
    starts_.push_back(i);
  }
}

Position LineIndex::at(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto after = std::ranges::upper_bound(starts_, offset);
  const std::size_t start = *(after - 1);
  const auto characters =
      std::ranges::count_if(text_.substr(start, offset - start), begins_character);
  return {static_cast<std::uint32_t>(after - starts_.begin()),
          static_cast<std::uint32_t>(characters) + 1};
}

}  // namespace deployflow::validate
