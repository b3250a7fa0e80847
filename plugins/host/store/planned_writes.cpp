#include "plugins/host/store/planned_writes.hpp"

#include <utility>

namespace deployflow::store {

void PlannedWrites::store(ObjectInfo object) {
  std::string key = object.key;
  const std::lock_guard lock(mutex_);
  objects_[std::move(key)] = std::move(object);
}

void PlannedWrites::remove(const std::string& key) {
  const std::lock_guard lock(mutex_);
  objects_[key] = std::nullopt;
}

std::optional<std::optional<ObjectInfo>> PlannedWrites::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) {
    return std::nullopt;
  }
  return found->second;
}

PlannedWrites::Objects PlannedWrites::below(const std::string& prefix) const {
  const std::lock_guard lock(mutex_);
  Objects out;
  for (auto it = objects_.lower_bound(prefix);
       it != objects_.end() && it->first.starts_with(prefix);
       ++it) {
    out.insert(*it);
  }
  return out;
}

std::vector<ObjectInfo> PlannedListing::lay_over(std::vector<ObjectInfo> page) {
  std::vector<ObjectInfo> out;
  for (ObjectInfo& held : page) {
    for (; next_ != objects_.end() && next_->first <= held.key; ++next_) {
      if (next_->second) {
        out.push_back(*next_->second);
      }
    }
    if (!objects_.contains(held.key)) {
      out.push_back(std::move(held));
    }
  }
  return out;
}

std::vector<ObjectInfo> PlannedListing::rest() {
  std::vector<ObjectInfo> out;
  for (; next_ != objects_.end(); ++next_) {
    if (next_->second) {
      out.push_back(*next_->second);
    }
  }
  return out;
}

}  // namespace deployflow::store
