#include "stages/release/inventory.hpp"

#include <algorithm>

namespace deployflow::release {

void Inventory::add(
    std::string_view key, std::uint64_t size, Role role, std::uint64_t id, std::string_view etag) {
  const TextPool::Slice key_slice = texts_.add(key);
  objects_.push_back(
      {key_slice, texts_.add(etag), size, id & ((std::uint64_t{1} << 56U) - 1), role});
}

void Inventory::seal() {
  const auto by_key = [this](const Object& a, const Object& b) {
    return texts_.at(a.key) < texts_.at(b.key);
  };
  // Stable, so that of equal keys the last one added comes last. A sorted listing is not sorted
  // again.
  if (!std::is_sorted(objects_.begin(), objects_.end(), by_key)) {
    std::stable_sort(objects_.begin(), objects_.end(), by_key);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    if (i + 1 == objects_.size() || by_key(objects_[i], objects_[i + 1])) {
      objects_[kept++] = objects_[i];
    }
  }
  objects_.resize(kept);
}

std::optional<std::size_t> Inventory::find(std::string_view key) const {
  const auto at = std::lower_bound(
      objects_.begin(), objects_.end(), key, [this](const Object& object, std::string_view wanted) {
        return texts_.at(object.key) < wanted;
      });
  if (at == objects_.end() || texts_.at(at->key) != key) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(at - objects_.begin());
}

}  // namespace deployflow::release
