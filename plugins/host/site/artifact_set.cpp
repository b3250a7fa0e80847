#include "plugins/host/site/artifact_set.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/site/glob.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace deployflow::site {
namespace {

constexpr std::uint64_t k_piece_bytes = 256U << 10;

Error changed(const Artifact& artifact) {
  return {Errc::conflict,
          fmt::format("{}: the file changed while it was being deployed", printable(artifact.key)),
          "run the same command again when nothing writes to the site"};
}

/// The file of an artifact, proven to be the one that was listed.
Result<OpenFile> open_unchanged(const Artifact& artifact) {
  TRY_ASSIGN(OpenFile file, open_regular(artifact.path));
  if (file.stamp != artifact.stamp) {
    return changed(artifact);
  }
  return file;
}

}  // namespace

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

std::uint64_t ArtifactSet::put(Artifact artifact) {
  const std::unique_lock lock(mutex_);
  if (const auto old = by_key_.find(artifact.key); old != by_key_.end()) {
    const std::uint64_t old_id = old->second;
    by_key_.erase(old);  // before the artifact that its view points into
    by_id_[old_id - 1] = nullptr;
    digests_.erase(old_id);
  }
  artifact.id = by_id_.size() + 1;
  by_id_.push_back(std::make_shared<const Artifact>(std::move(artifact)));
  by_key_.emplace(by_id_.back()->key, by_id_.back()->id);
  return by_id_.back()->id;
}

bool ArtifactSet::drop(std::uint64_t id) {
  const std::unique_lock lock(mutex_);
  if (id == 0 || id > by_id_.size() || !by_id_[id - 1]) {
    return false;
  }
  by_key_.erase(by_id_[id - 1]->key);
  by_id_[id - 1] = nullptr;
  digests_.erase(id);
  return true;
}

bool ArtifactSet::set_media_type(std::uint64_t id, std::string media_type) {
  const std::unique_lock lock(mutex_);
  if (id == 0 || id > by_id_.size() || !by_id_[id - 1]) {
    return false;
  }
  Artifact changed_one = *by_id_[id - 1];
  changed_one.media_type = std::move(media_type);
  by_key_.erase(by_id_[id - 1]->key);
  by_id_[id - 1] = std::make_shared<const Artifact>(std::move(changed_one));
  by_key_.emplace(by_id_[id - 1]->key, id);
  return true;
}

bool ArtifactSet::set_header(std::uint64_t id,
                             const std::string& name,
                             std::optional<std::string> value) {
  const std::unique_lock lock(mutex_);
  if (id == 0 || id > by_id_.size() || !by_id_[id - 1]) {
    return false;
  }
  Artifact changed_one = *by_id_[id - 1];
  std::erase_if(changed_one.headers, [&](const auto& header) { return header.first == name; });
  if (value) {
    changed_one.headers.emplace_back(name, std::move(*value));
  }
  by_key_.erase(by_id_[id - 1]->key);
  by_id_[id - 1] = std::make_shared<const Artifact>(std::move(changed_one));
  by_key_.emplace(by_id_[id - 1]->key, id);
  return true;
}

ArtifactSet::Pointer ArtifactSet::get(std::uint64_t id) const {
  const std::shared_lock lock(mutex_);
  return id == 0 || id > by_id_.size() ? nullptr : by_id_[id - 1];
}

ArtifactSet::Pointer ArtifactSet::find(std::string_view key) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : by_id_[found->second - 1];
}

std::vector<ArtifactSet::Pointer> ArtifactSet::snapshot(std::string_view glob) const {
  const std::shared_lock lock(mutex_);
  std::vector<Pointer> out;
  out.reserve(glob.empty() ? by_key_.size() : 0);
  for (const auto& [key, id] : by_key_) {
    if (glob.empty() || glob_matches(glob, key)) {
      out.push_back(by_id_[id - 1]);
    }
  }
  return out;
}

std::vector<std::string> ArtifactSet::keys_apart(std::string_view prefix,
                                                 std::string_view after,
                                                 std::size_t step) const {
  const std::shared_lock lock(mutex_);
  std::vector<std::string> out;
  std::size_t passed = 0;
  for (auto it = by_key_.upper_bound(std::max(prefix, after));
       it != by_key_.end() && it->first.starts_with(prefix);
       ++it) {
    if (++passed % step == 0) {
      out.emplace_back(it->first);
    }
  }
  return out;
}

std::uint64_t ArtifactSet::count() const {
  const std::shared_lock lock(mutex_);
  return by_key_.size();
}

std::uint64_t ArtifactSet::total_bytes() const {
  const std::shared_lock lock(mutex_);
  std::uint64_t total = 0;
  for (const auto& [key, id] : by_key_) {
    total += by_id_[id - 1]->size();
  }
  return total;
}

Result<Digests> ArtifactSet::digests(std::uint64_t id, const StopToken& stop) {
  Pointer artifact;
  {
    const std::shared_lock lock(mutex_);
    if (const auto known = digests_.find(id); known != digests_.end()) {
      return known->second;
    }
    artifact = id == 0 || id > by_id_.size() ? nullptr : by_id_[id - 1];
  }
  if (!artifact) {
    return Error{Errc::internal, fmt::format("no artifact with id {}", id)};
  }
  StreamDigest stream;
  if (artifact->bytes) {
    stream.update(*artifact->bytes);
  } else {
    TRY_ASSIGN(const OpenFile file, open_unchanged(*artifact));
    std::string piece(std::min<std::uint64_t>(artifact->stamp.size, k_piece_bytes) + 1, '\0');
    for (std::uint64_t offset = 0;;) {
      if (stop.stop_requested()) {
        return cancelled_error();
      }
      TRY_ASSIGN(const std::size_t got, read_at(file.fd, offset, piece, artifact->path));
      stream.update(std::string_view(piece).substr(0, got));
      offset += got;
      if (got < piece.size()) {
        break;
      }
    }
    TRY_ASSIGN(const FileStamp after, stamp_of(file.fd, artifact->path));
    if (after != artifact->stamp) {
      return changed(*artifact);
    }
  }
  Digests made{to_hex(stream.finish_sha256()), to_hex(stream.finish_md5())};
  const std::unique_lock lock(mutex_);
  if (by_id_[id - 1]) {
    digests_.emplace(id, made);
  }
  return made;
}

Result<std::string> with_unchanged_file(const Artifact& artifact,
                                        const std::function<Result<std::string>()>& work) {
  if (artifact.bytes) {
    return work();
  }
  TRY_ASSIGN(const OpenFile file, open_unchanged(artifact));
  TRY_ASSIGN(std::string made, work());
  TRY_ASSIGN(const FileStamp after, stamp_of(file.fd, artifact.path));
  if (after != artifact.stamp) {
    return changed(artifact);
  }
  return made;
}

Result<std::size_t> read_artifact(const Artifact& artifact,
                                  std::uint64_t offset,
                                  std::span<char> out) {
  if (artifact.bytes) {
    if (offset >= artifact.bytes->size()) {
      return std::size_t{0};
    }
    const std::size_t count = std::min<std::size_t>(out.size(), artifact.bytes->size() - offset);
    std::memcpy(out.data(), artifact.bytes->data() + offset, count);
    return count;
  }
  TRY_ASSIGN(const OpenFile file, open_unchanged(artifact));
  TRY_ASSIGN(const std::size_t got, read_at(file.fd, offset, out, artifact.path));
  TRY_ASSIGN(const FileStamp after, stamp_of(file.fd, artifact.path));
  if (after != artifact.stamp) {
    return changed(artifact);
  }
  return got;
}

}  // namespace deployflow::site
