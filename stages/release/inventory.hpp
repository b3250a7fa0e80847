// The objects that a target should hold after a run: sorted by key, and small.
//
// A site may have hundreds of thousands of files, so nothing here costs an allocation per object:
// texts lie in one pool, or where somebody else has them, and of each object there are 32 bytes
// besides.

#pragma once

#include "stages/release/order.hpp"
#include "stages/release/text_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::release {

/// An object is no larger: 256 TiB. What a stranger's document says beyond it is cut.
inline constexpr std::uint64_t k_most_size = (std::uint64_t{1} << 48U) - 1;

/// Add everything, seal() once, then read: objects are numbered from 0 in the byte order of their
/// keys.
class Inventory {
 public:
  /// `id`: the artifact's; 0 if the object is none. `etag`: as the store gave it; empty if not
  /// known. Of two with the same key the later one counts.
  void add(Lent key, std::uint64_t size, Role role, std::uint64_t id, std::string_view etag = {});
  void add(std::string_view key,
           std::uint64_t size,
           Role role,
           std::uint64_t id,
           std::string_view etag = {}) {
    add(texts_.keep(key), size, role, id, etag);
  }
  void seal();

  [[nodiscard]] std::size_t count() const { return objects_.size(); }
  [[nodiscard]] std::string_view key(std::size_t i) const { return objects_[i].key_text(); }
  [[nodiscard]] std::string_view etag(std::size_t i) const { return texts_.at(objects_[i].etag); }
  [[nodiscard]] std::uint64_t size(std::size_t i) const { return objects_[i].size; }
  [[nodiscard]] std::uint64_t id(std::size_t i) const { return objects_[i].id; }
  [[nodiscard]] Role role(std::size_t i) const { return objects_[i].role; }
  /// Whatever a GroupOrder says of the object.
  [[nodiscard]] std::optional<std::uint8_t> group(std::size_t i) const {
    return objects_[i].group != k_no_group ? std::optional(objects_[i].group) : std::nullopt;
  }
  void set_group(std::size_t i, std::uint8_t group) { objects_[i].group = group; }
  /// The number of the object with this key. Only after seal().
  [[nodiscard]] std::optional<std::size_t> find(std::string_view key) const;

 private:
  static constexpr std::uint8_t k_no_group = 0xFF;

  struct Object {
    const char* key = nullptr;
    std::uint64_t size : 48 = 0, key_size : 16 = 0;
    std::uint64_t id : 48 = 0;  // counted from 1 by the host
    Role role = Role::file;
    std::uint8_t group = k_no_group;
    TextPool::Slice etag = 0;

    [[nodiscard]] std::string_view key_text() const { return {key, key_size}; }
  };

  TextPool texts_;
  std::deque<Object> objects_;  // grows without a copy of all
};

}  // namespace deployflow::release
