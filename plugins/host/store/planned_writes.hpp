// What a dry run would have written to one target, so that a later stage of it plans with what an
// earlier one will have stored.

#pragma once

#include "plugins/host/store/object_store.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace deployflow::store {

/// Thread-safe.
class PlannedWrites {
 public:
  void store(ObjectInfo object);
  void remove(const std::string& key);

  /// What became of an object: nullopt inside = it was deleted; nullopt = nothing was done to it.
  [[nodiscard]] std::optional<std::optional<ObjectInfo>> find(const std::string& key) const;

  using Objects = std::map<std::string, std::optional<ObjectInfo>>;
  /// All under `prefix` at the moment.
  [[nodiscard]] Objects below(const std::string& prefix) const;

 private:
  mutable std::mutex mutex_;  // guards objects_
  Objects objects_;
};

/// Lays planned writes over a listing that comes in pages, in the order of keys. One thread.
class PlannedListing {
 public:
  explicit PlannedListing(PlannedWrites::Objects objects)
      : objects_(std::move(objects)), next_(objects_.begin()) {}
  PlannedListing(const PlannedListing&) = delete;
  PlannedListing& operator=(const PlannedListing&) = delete;

  /// A page as it would be after the writes.
  std::vector<ObjectInfo> lay_over(std::vector<ObjectInfo> page);
  /// What comes after the last page.
  std::vector<ObjectInfo> rest();

 private:
  PlannedWrites::Objects objects_;
  PlannedWrites::Objects::const_iterator next_;
};

}  // namespace deployflow::store
