// What the store in memory does once versions are switched on: what goes is kept, under its id.
// Delete markers are not: nothing can ask for one.

#include "plugins/host/store/memory_store.hpp"

#include <algorithm>
#include <utility>

namespace deployflow::store {

Versioning MemoryStore::versioning() const {
  const auto found = config_.find(BucketAspect::versioning);
  return found == config_.end() ? Versioning::never
                                : std::get<VersioningConfig>(found->second).versioning;
}

const MemoryStore::Object* MemoryStore::find(const std::string& key,
                                             const std::string& version) const {
  const auto live = objects_.find(key);
  if (live != objects_.end() && (version.empty() || live->second.version == version)) {
    return &live->second;
  }
  const auto kept = history_.find(key);
  if (version.empty() || kept == history_.end()) {
    return nullptr;
  }
  const auto found = std::find_if(kept->second.begin(), kept->second.end(), [&](const Object& one) {
    return one.version == version;
  });
  return found == kept->second.end() ? nullptr : &*found;
}

// While versions are suspended all that is stored has the same id: the one before it is replaced,
// wherever it is by now.
void MemoryStore::retire(const std::string& key) {
  const Versioning kept = versioning();
  const auto live = objects_.find(key);
  if (kept == Versioning::never) {
    return;
  }
  std::deque<Object>& history = history_[key];
  if (live != objects_.end()) {
    history.push_front(live->second);
  }
  if (kept == Versioning::suspended) {
    std::erase_if(history, [](const Object& one) { return one.version == k_no_version; });
  }
}

Outcome MemoryStore::on(const ListVersions& op) {
  std::map<std::string, std::vector<const Object*>> all;
  for (const auto& [key, object] : objects_) {
    all[key].push_back(&object);
  }
  for (const auto& [key, versions] : history_) {
    for (const Object& object : versions) {
      all[key].push_back(&object);
    }
  }
  Reply reply;
  bool is_behind = op.after_version.empty();  // the marker's version, among those of its key
  for (const auto& [key, versions] : all) {
    const bool is_marker = key == op.after_key;
    if (key.compare(0, op.prefix.size(), op.prefix) != 0 || key < op.after_key ||
        (is_marker && op.after_version.empty())) {
      continue;
    }
    for (const Object* object : versions) {
      if (is_marker && !is_behind) {
        is_behind = object->version == op.after_version;
        continue;
      }
      if (reply.objects.size() == std::min(options_.page, op.max_keys)) {
        reply.truncated = true;
        reply.next_key = reply.objects.back().key;
        reply.next_id = reply.objects.back().version_id;
        return reply;
      }
      ObjectInfo& info = reply.objects.emplace_back(object->info);
      info.version_id = object->version;
      info.media_type.clear();
      info.headers.clear();
    }
  }
  return reply;
}

}  // namespace deployflow::store
