#include "plugins/host/pipeline/source_text.hpp"

#include <algorithm>

namespace deployflow::pipeline {
namespace {

constexpr std::size_t k_block = 256;

bool starts_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

}  // namespace

SourceText::SourceText(std::string text) : text_(std::move(text)), lines_{0} {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (i % k_block == 0) {
      characters_.push_back(characters);
    }
    characters += starts_character(text_[i]) ? 1U : 0U;
    if (text_[i] == '\n') {
      lines_.push_back(i + 1);
    }
  }
  if (text_.size() % k_block == 0) {
    characters_.push_back(characters);
  }
}

std::size_t SourceText::characters_before(std::size_t offset) const {
  const std::size_t block = offset / k_block;
  std::size_t count = characters_[block];
  for (std::size_t i = block * k_block; i < offset; ++i) {
    count += starts_character(text_[i]) ? 1U : 0U;
  }
  return count;
}

Position SourceText::position(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  const std::size_t line = static_cast<std::size_t>(next - lines_.begin());  // 1-based
  const std::size_t column = characters_before(offset) - characters_before(lines_[line - 1]) + 1;
  return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
}

std::size_t SourceText::offset(Position at) const {
  if (at.line == 0 || at.line > lines_.size() || at.column == 0) {
    return text_.size();
  }
  const std::size_t start = lines_[at.line - 1];
  const std::size_t wanted = characters_before(start) + at.column - 1;
  const auto next = std::upper_bound(characters_.begin(), characters_.end(), wanted);
  std::size_t offset =
      std::max(start, static_cast<std::size_t>(next - characters_.begin() - 1) * k_block);
  std::size_t count = characters_before(offset);
  while (offset < text_.size() && (count < wanted || !starts_character(text_[offset]))) {
    count += starts_character(text_[offset]) ? 1U : 0U;
    ++offset;
  }
  return offset;
}

}  // namespace deployflow::pipeline
