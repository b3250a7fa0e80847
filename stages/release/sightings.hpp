// What a target still has of a release, as its listing says: a byte an object.

#pragma once

#include "stages/release/catalog.hpp"
#include "stages/release/in_order.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace deployflow::release {

class Sightings {
 public:
  /// `owned` is sealed and outlives this.
  explicit Sightings(const Catalog& owned)
      : owned_(owned), by_key_(owned), seen_(owned.count(), Seen::nothing) {}

  /// The target holds `key`; forgotten if the release has no such key. True if it is as the release
  /// says.
  bool note(std::string_view key, std::uint64_t size, std::string_view etag);

  [[nodiscard]] bool is_there(std::size_t m) const { return seen_[m] != Seen::nothing; }
  /// Is it what the release says?
  [[nodiscard]] bool is_intact(std::size_t m) const { return seen_[m] == Seen::intact; }

 private:
  enum class Seen : std::uint8_t { nothing, another, intact };

  const Catalog& owned_;
  InOrder<Catalog> by_key_;  // a listing comes in its order
  std::vector<Seen> seen_;
};

}  // namespace deployflow::release
