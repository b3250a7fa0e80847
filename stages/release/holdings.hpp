// What one target holds of an inventory, as its listing says.
//
// A listing may come in any order, be far longer than the site (foreign objects cost nothing here),
// or name a key twice; each object is looked up in the inventory and all else is forgotten.

#pragma once

#include "stages/release/in_order.hpp"
#include "stages/release/inventory.hpp"

#include <deployflow/stage.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

class Holdings {
 public:
  /// `wanted`, an Inventory or a Catalog, is sealed and outlives this.
  template <class Wanted>
  explicit Holdings(const Wanted& wanted)
      : find_(
            [in = InOrder<Wanted>(wanted)](std::string_view key) mutable { return in.find(key); }),
        count_(wanted.count()) {}

  /// The target holds `key`; forgotten if the inventory has no such key. `is_late`: it was written
  /// after the live release was confirmed.
  void note(std::string_view key, std::uint64_t size, std::string_view etag, bool is_late = false);

  [[nodiscard]] bool holds(std::size_t i) const {
    return !objects_.empty() && objects_[i].size != k_not_held;
  }
  // The rest of an object that is held.
  [[nodiscard]] std::uint64_t size(std::size_t i) const { return objects_[i].size; }
  [[nodiscard]] std::string_view etag(std::size_t i) const { return etags_.at(objects_[i].etag); }
  [[nodiscard]] bool is_late(std::size_t i) const { return objects_[i].is_late; }

 private:
  static constexpr std::uint64_t k_not_held = k_most_size;

  struct Object {
    TextPool::Slice etag = 0;
    std::uint64_t size : 48 = k_not_held;
    bool is_late : 1 = false;
  };

  std::function<std::optional<std::size_t>(std::string_view)> find_;
  TextPool etags_;
  std::size_t count_;
  // None as long as nothing is held: a first deployment has the most of all else.
  std::vector<Object> objects_;
};

/// A multipart upload that an earlier run began and did not finish.
struct UnfinishedUpload {
  std::size_t index = 0;  // of its key in the inventory
  std::string upload_id;
};

/// List a target. Throws Failure with an empty message if the store failed, Cancelled if
/// interrupted.
Holdings list_holdings(const Store& store, std::string_view target, const Inventory& wanted);

/// The unfinished uploads of keys in the inventory; those of other keys are somebody else's. Empty
/// too if the store cannot list them: they cost storage and do no harm. Throws Cancelled if
/// interrupted.
std::vector<UnfinishedUpload> list_unfinished(Ctx ctx,
                                              const Store& store,
                                              std::string_view target,
                                              const Inventory& wanted);

}  // namespace deployflow::release
