#include "stages/validate/text_table.hpp"

#include "stages/validate/hash.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace deployflow::validate {

std::uint32_t TextTable::number_of(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  if (texts_.size() * 2 >= slots_.size()) {
    make_room();
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
  return number;
}

void TextTable::make_room() {
  constexpr std::size_t k_fewest = 1024;
  std::vector<std::uint32_t> slots(std::max(k_fewest, std::bit_ceil(texts_.size() * 4)));
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
