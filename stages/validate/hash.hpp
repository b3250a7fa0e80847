// Texts as numbers of 64 bits, where to keep the texts would take too much. The same in every run:
// the cache holds them.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace deployflow::validate {

constexpr std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t k_odd = 0xD6E8FEB86659FD93U;
  std::uint64_t x = (a ^ std::rotl(b, 32)) * k_odd;
  x ^= x >> 32U;
  x *= k_odd;
  return x ^ (x >> 32U);
}

inline std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0) {
  constexpr std::uint64_t k_a = 0xA0761D6478BD642FU, k_b = 0xE7037ED1A0B428DBU;
  std::uint64_t hash = mixed(seed ^ k_a, text.size() ^ k_b);
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = text.size() < sizeof word ? text.size() : sizeof word;
    std::memcpy(&word, text.data(), count);
    hash = mixed(hash ^ word, k_b);
    text.remove_prefix(count);
  }
  return mixed(hash ^ k_a, k_b);
}

}  // namespace deployflow::validate
