#include "stages/release/inventory.hpp"

#include <algorithm>

namespace deployflow::release {

void Inventory::add(
    Lent key, std::uint64_t size, Role role, std::uint64_t id, std::string_view etag) {
  Object object;
  object.key = key.text.data();
  object.key_size = key.text.size() & 0xFFFFU;
  object.size = size & k_most_size;
  object.id = id & ((std::uint64_t{1} << 48U) - 1);
  object.role = role;
  object.etag = etag.empty() ? TextPool::Slice{0} : texts_.add(etag);
  objects_.push_back(object);
}

void Inventory::seal() {
  const auto by_key = [](const Object& a, const Object& b) { return a.key_text() < b.key_text(); };
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
      objects_.begin(), objects_.end(), key, [](const Object& object, std::string_view wanted) {
        return object.key_text() < wanted;
      });
  if (at == objects_.end() || at->key_text() != key) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(at - objects_.begin());
}

}  // namespace deployflow::release
