#include "plugins/host/site/artifact_set.hpp"

#include "plugins/host/base/interned.hpp"
#include "plugins/host/base/text.hpp"

#include <absl/container/btree_set.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <deque>
#include <memory_resource>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <unordered_map>

namespace deployflow::site {

Result<void> check_key(std::string_view key) {
  const auto refuse = [&](std::string_view why) {
    return Error{Errc::input, fmt::format("{}: {}", printable(key.substr(0, 200)), why)};
  };
  constexpr std::size_t k_longest = 1024;
  if (key.empty()) {
    return Error{Errc::input, "a key must not be empty"};
  }
  if (key.size() > k_longest) {
    return refuse(fmt::format("a key of {} bytes; stores take at most {}", key.size(), k_longest));
  }
  if (key.find('\0') != std::string_view::npos) {
    return refuse("a key must not hold a NUL");
  }
  if (!is_utf8(key)) {
    return refuse("the name is not UTF-8");
  }
  if (key.front() == '/') {
    return refuse("a key must not start with '/'");
  }
  for (std::size_t start = 0; start <= key.size();) {
    const std::size_t end = std::min(key.find('/', start), key.size());
    const std::string_view segment = key.substr(start, end - start);
    if (segment == "." || segment == "..") {
      return refuse("a key must not hold a '.' or '..' segment");
    }
    start = end + 1;
  }
  return {};
}

constexpr std::uint64_t k_most_size = (std::uint64_t{1} << 48U) - 1;  // no file system has a larger

// What several artifacts have in common.
struct Kind {
  // The path: a base, of which a site has one, and then the key, or a name of its own (a stage that
  // replaces a hundred thousand files has them in few folders). Empty for bytes in memory.
  std::string base;
  bool has_name = false;
  bool in_memory = false;
  std::uint64_t device = 0;
  std::string media_type;
  Headers headers;

  bool operator<(const Kind& other) const {
    const auto all = [](const Kind& k) {
      return std::tie(k.base, k.has_name, k.in_memory, k.device, k.media_type, k.headers);
    };
    return all(*this) < all(other);
  }
};

class ArtifactSet::State {
 public:
  // Of one artifact.
  struct Entry {
    const char* key = nullptr;                        // in texts_
    std::uint32_t kind = 0;                           // in kinds_
    std::uint32_t digests : 31 = 0, dropped : 1 = 0;  // in digests_, from 1; 0 = not computed
    // The rest of its stamp. Of bytes in memory: their size.
    std::uint64_t size : 48 = 0, key_size : 16 = 0;
    std::int64_t mtime_ns = 0;
    std::int64_t ctime_ns = 0;
    std::uint64_t inode = 0;
  };

  [[nodiscard]] bool has(std::uint64_t id) const {
    return id > 0 && id <= entries_.size() && !entries_[id - 1].dropped;
  }
  [[nodiscard]] std::string_view key(std::uint32_t index) const {
    return {entries_[index].key, entries_[index].key_size};
  }

  std::uint64_t put(Artifact artifact) {
    Entry entry;
    if (const auto old = by_key_.find(std::string_view(artifact.key)); old != by_key_.end()) {
      entry.key = entries_[*old].key;
      drop(*old + std::uint64_t{1});
    } else {
      entry.key = keep(artifact.key);
    }
    const std::uint64_t id = entries_.size() + 1;
    entry.key_size = artifact.key.size() & 0xFFFFU;
    entry.size = artifact.size() & k_most_size;
    entry.mtime_ns = artifact.stamp.mtime_ns;
    entry.ctime_ns = artifact.stamp.ctime_ns;
    entry.inode = artifact.stamp.inode;
    const Place place = place_of(artifact);
    if (place.has_name) {
      const std::string_view name = std::string_view(artifact.path).substr(place.base.size());
      names_.emplace(id, std::string_view(keep(name), name.size()));
    }
    // Neighbours are mostly of one kind.
    if (entries_.empty() || !is_kind(kinds_.at(last_kind_), artifact, place)) {
      last_kind_ = kinds_.number_of(kind_of(artifact, place));
    }
    entry.kind = last_kind_;
    if (artifact.bytes) {
      bytes_.emplace(id, std::move(artifact.bytes));
    }
    entries_.push_back(entry);
    by_key_.insert(static_cast<std::uint32_t>(id - 1));
    return id;
  }

  void drop(std::uint64_t id) {
    by_key_.erase(static_cast<std::uint32_t>(id - 1));
    entries_[id - 1].dropped = 1;
    bytes_.erase(id);
    names_.erase(id);
  }

  [[nodiscard]] Pointer make(std::uint64_t id) const {
    if (!has(id)) {
      return nullptr;
    }
    const Entry& entry = entries_[id - 1];
    const Kind& kind = kinds_.at(entry.kind);
    auto artifact = std::make_shared<Artifact>();
    artifact->id = id;
    artifact->key.assign(entry.key, entry.key_size);
    if (kind.in_memory) {
      artifact->bytes = bytes_.at(id);
    } else {
      artifact->path = kind.base;
      artifact->path += kind.has_name ? names_.at(id) : std::string_view(artifact->key);
      artifact->stamp = {entry.size, entry.mtime_ns, entry.ctime_ns, entry.inode, kind.device};
    }
    artifact->media_type = kind.media_type;
    artifact->headers = kind.headers;
    return artifact;
  }

  /// Replace what it has in common with others.
  template <class Change>
  bool change(std::uint64_t id, Change&& change_it) {
    if (!has(id)) {
      return false;
    }
    Kind kind = kinds_.at(entries_[id - 1].kind);
    change_it(kind);
    entries_[id - 1].kind = kinds_.number_of(std::move(kind));
    return true;
  }

  [[nodiscard]] DigestState digest_state(std::uint64_t id) const {
    DigestState out;
    if (!has(id)) {
      return out;
    }
    const Entry& entry = entries_[id - 1];
    const Kind& kind = kinds_.at(entry.kind);
    out.is_there = true;
    if (entry.digests != 0) {
      out.digests = digests_[entry.digests - 1];
    }
    if (!kind.in_memory) {
      out.stamp = {entry.size, entry.mtime_ns, entry.ctime_ns, entry.inode, kind.device};
    }
    return out;
  }
  void set_digests(std::uint64_t id, const RawDigests& digests) {
    if (entries_[id - 1].digests == 0) {
      digests_.push_back(digests);
      entries_[id - 1].digests = digests_.size() & 0x7FFFFFFFU;
    }
  }

  [[nodiscard]] const auto& by_key() const { return by_key_; }
  [[nodiscard]] std::uint64_t size(std::uint32_t index) const { return entries_[index].size; }

  mutable std::shared_mutex mutex;  // guards all else

 private:
  struct ByKey {
    using is_transparent = void;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      return state->key(a) < state->key(b);
    }
    bool operator()(std::uint32_t a, std::string_view b) const { return state->key(a) < b; }
    bool operator()(std::string_view a, std::uint32_t b) const { return a < state->key(b); }
    const State* state;
  };

  const char* keep(std::string_view text) {
    char* copy = static_cast<char*>(texts_.allocate(text.size(), 1));
    std::copy(text.begin(), text.end(), copy);
    return copy;
  }

  // Where an artifact lies, as a Kind says it.
  struct Place {
    std::string_view base;
    bool has_name = false;
  };
  static Place place_of(const Artifact& artifact) {
    if (artifact.bytes != nullptr) {
      return {};
    }
    const std::string_view path = artifact.path;
    const bool has_name = !path.ends_with(artifact.key);
    return {path.substr(0, has_name ? path.rfind('/') + 1 : path.size() - artifact.key.size()),
            has_name};
  }

  static bool is_kind(const Kind& kind, const Artifact& artifact, const Place& place) {
    return kind.base == place.base && kind.has_name == place.has_name &&
           kind.in_memory == (artifact.bytes != nullptr) && kind.device == artifact.stamp.device &&
           kind.media_type == artifact.media_type && kind.headers == artifact.headers;
  }

  static Kind kind_of(const Artifact& artifact, const Place& place) {
    Kind kind;
    kind.base = place.base;
    kind.has_name = place.has_name;
    kind.in_memory = artifact.bytes != nullptr;
    kind.device = artifact.stamp.device;
    kind.media_type = artifact.media_type;
    kind.headers = artifact.headers;
    return kind;
  }

  std::pmr::monotonic_buffer_resource texts_;
  std::deque<Entry> entries_;                                  // index id - 1
  absl::btree_set<std::uint32_t, ByKey> by_key_{ByKey{this}};  // id - 1
  Interned<Kind> kinds_;
  std::uint32_t last_kind_ = 0;  // of the last entry
  std::unordered_map<std::uint64_t, std::shared_ptr<const std::string>> bytes_;  // by id
  std::unordered_map<std::uint64_t, std::string_view> names_;                    // by id; in texts_
  std::deque<RawDigests> digests_;
};

ArtifactSet::ArtifactSet(std::unique_ptr<DigestCache> cache)
    : state_(std::make_unique<State>()), cache_(std::move(cache)) {}
ArtifactSet::~ArtifactSet() = default;

std::uint64_t ArtifactSet::put(Artifact artifact) {
  const std::unique_lock lock(state_->mutex);
  return state_->put(std::move(artifact));
}

bool ArtifactSet::drop(std::uint64_t id) {
  const std::unique_lock lock(state_->mutex);
  if (!state_->has(id)) {
    return false;
  }
  state_->drop(id);
  return true;
}

bool ArtifactSet::set_media_type(std::uint64_t id, std::string media_type) {
  const std::unique_lock lock(state_->mutex);
  return state_->change(id, [&](Kind& kind) { kind.media_type = std::move(media_type); });
}

bool ArtifactSet::set_header(std::uint64_t id,
                             const std::string& name,
                             std::optional<std::string> value) {
  const std::unique_lock lock(state_->mutex);
  return state_->change(id, [&](Kind& kind) {
    std::erase_if(kind.headers, [&](const auto& header) { return header.first == name; });
    if (value) {
      kind.headers.emplace_back(name, std::move(*value));
    }
  });
}

ArtifactSet::Pointer ArtifactSet::get(std::uint64_t id) const {
  const std::shared_lock lock(state_->mutex);
  return state_->make(id);
}

ArtifactSet::Pointer ArtifactSet::find(std::string_view key) const {
  const std::shared_lock lock(state_->mutex);
  const auto found = state_->by_key().find(key);
  return found == state_->by_key().end() ? nullptr : state_->make(*found + std::uint64_t{1});
}

std::string_view ArtifactSet::key(std::uint64_t id) const {
  const std::shared_lock lock(state_->mutex);
  return state_->key(static_cast<std::uint32_t>(id - 1));
}

std::vector<std::uint64_t> ArtifactSet::ids(const Glob* glob) const {
  const std::shared_lock lock(state_->mutex);
  std::vector<std::uint64_t> out;
  out.reserve(glob == nullptr ? state_->by_key().size() : 0);
  for (const std::uint32_t index : state_->by_key()) {
    if (glob == nullptr || glob->matches(state_->key(index))) {
      out.push_back(index + std::uint64_t{1});
    }
  }
  return out;
}

std::vector<std::string> ArtifactSet::keys_apart(std::string_view prefix,
                                                 std::string_view after,
                                                 std::size_t step) const {
  const std::shared_lock lock(state_->mutex);
  std::vector<std::string> out;
  std::size_t passed = 0;
  const auto& by_key = state_->by_key();
  for (auto it = by_key.upper_bound(std::max(prefix, after));
       it != by_key.end() && state_->key(*it).starts_with(prefix);
       ++it) {
    if (++passed % step == 0) {
      out.emplace_back(state_->key(*it));
    }
  }
  return out;
}

std::uint64_t ArtifactSet::count() const {
  const std::shared_lock lock(state_->mutex);
  return state_->by_key().size();
}

std::uint64_t ArtifactSet::total_bytes() const {
  const std::shared_lock lock(state_->mutex);
  std::uint64_t total = 0;
  for (const std::uint32_t index : state_->by_key()) {
    total += state_->size(index);
  }
  return total;
}

ArtifactSet::DigestState ArtifactSet::digest_state(std::uint64_t id) const {
  const std::shared_lock lock(state_->mutex);
  return state_->digest_state(id);
}

void ArtifactSet::keep_digests(std::uint64_t id, const RawDigests& digests) {
  const std::unique_lock lock(state_->mutex);
  state_->set_digests(id, digests);
}

}  // namespace deployflow::site
