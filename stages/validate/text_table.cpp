#include "stages/validate/text_table.hpp"

#include "stages/validate/hash.hpp"

#include <utility>

namespace deployflow::validate {

TextTable::TextTable() : texts_{""}, slots_(1024) {}

std::uint32_t TextTable::number_of(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash_of(text) & mask;
  while (slots_[slot] != 0) {
    if (texts_[slots_[slot]] == text) {
      return slots_[slot];
    }
    slot = (slot + 1) & mask;
  }
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.push_back(pool_.keep(text));
  slots_[slot] = number;
  if (texts_.size() * 2 > slots_.size()) {
    grow();
  }
  return number;
}

void TextTable::grow() {
  std::vector<std::uint32_t> slots(slots_.size() * 2);
  const std::size_t mask = slots.size() - 1;
  for (std::uint32_t number = 1; number < texts_.size(); ++number) {
    std::size_t slot = hash_of(texts_[number]) & mask;
    while (slots[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    slots[slot] = number;
  }
  slots_ = std::move(slots);
}

}  // namespace deployflow::validate
