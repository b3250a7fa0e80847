// Looking up many keys in the order of the list that has them, as when two sorted lists are laid
// beside each other.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace deployflow::release {

/// `Keys`: a sealed Catalog or Inventory, which outlives this. Looks at the place behind the last
/// one found and searches only when the key is not there: any order is answered right, that of the
/// keys fast.
template <class Keys>
class InOrder {
 public:
  explicit InOrder(const Keys& keys) : keys_(keys) {}

  std::optional<std::size_t> find(std::string_view key) {
    if (next_ < keys_.count() && keys_.key(next_) == key) {
      return next_++;
    }
    const auto found = keys_.find(key);
    if (found) {
      next_ = *found + 1;
    }
    return found;
  }

 private:
  const Keys& keys_;
  std::size_t next_ = 0;
};

}  // namespace deployflow::release
