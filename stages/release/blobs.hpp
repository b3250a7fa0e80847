// ".deployflow/blobs/<sha256>": contents under their own digest, so that a release that is no
// longer live can be made live again without a file of it.

#pragma once

#include "stages/release/catalog.hpp"
#include "stages/release/inventory.hpp"

#include <deployflow/stage.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

/// Of one target: which are there, and which are to be made.
class Blobs {
 public:
  /// Look what is there, once. Throws Failure if the store failed.
  void list(const Store& store, std::string_view target);

  struct Held {
    Sha256 sha256{};
    std::uint64_t size = 0;
    std::string etag;
  };
  /// nullptr if it is not there (yet). What was made is known after settle().
  [[nodiscard]] const Held* find(const Sha256& sha256) const;
  [[nodiscard]] const std::vector<Held>& all() const { return held_; }

  /// Where a content to be made comes from.
  struct Origin {
    Sha256 sha256{};
    std::uint64_t size = 0;
    std::uint64_t artifact = 0;  // 0 = a copy of:
    std::string key;             // an object of the target
    std::string etag;            // that it must have
  };
  /// To be made, unless it is there or asked for already.
  void want(Origin origin);
  /// The origins as an inventory of blob keys, in its order. Call once, after the last want().
  const Inventory& seal();
  [[nodiscard]] const std::vector<Origin>& wanted() const { return wanted_; }
  [[nodiscard]] const Inventory& inventory() const { return inventory_; }
  void made(std::size_t i, std::string_view etag);
  void settle();

 private:
  bool is_listed_ = false;
  std::vector<Held> held_;  // sorted by digest
  std::vector<Held> made_;
  std::vector<Origin> wanted_;
  Inventory inventory_;
};

}  // namespace deployflow::release
