// The bytes of artifacts: reading them, and their digests. A file is the one that was listed,
// before and after, or it is an error.

#include "plugins/host/base/text.hpp"
#include "plugins/host/site/artifact_set.hpp"

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

Error no_artifact(std::uint64_t id) {
  return {Errc::not_found, fmt::format("no artifact with id {}", id)};
}

/// The file of an artifact, proven to be the one that was listed.
Result<OpenFile> open_unchanged(const Artifact& artifact) {
  TRY_ASSIGN(OpenFile file, open_regular(artifact.path));
  if (file.stamp != artifact.stamp) {
    return changed(artifact);
  }
  return file;
}

Result<RawDigests> digest_of(const Artifact& artifact, const StopToken& stop) {
  StreamDigest stream;
  if (artifact.bytes) {
    stream.update(*artifact.bytes);
  } else {
    TRY_ASSIGN(const OpenFile file, open_unchanged(artifact));
    std::string piece(std::min<std::uint64_t>(artifact.stamp.size, k_piece_bytes) + 1, '\0');
    for (std::uint64_t offset = 0;;) {
      if (stop.stop_requested()) {
        return cancelled_error();
      }
      TRY_ASSIGN(const std::size_t got, read_at(file.fd, offset, piece, artifact.path));
      stream.update({piece.data(), got});
      offset += got;
      if (got < piece.size()) {
        break;
      }
    }
    TRY_ASSIGN(const FileStamp after, stamp_of(file.fd, artifact.path));
    if (after != artifact.stamp) {
      return changed(artifact);
    }
  }
  return RawDigests{stream.finish_sha256(), stream.finish_md5()};
}

}  // namespace

Result<Digests> ArtifactSet::digests(std::uint64_t id, const StopToken& stop) {
  TRY_ASSIGN(const RawDigests raw, raw_digests(id, stop));
  return Digests{to_hex(raw.sha256), to_hex(raw.md5)};
}

Result<RawDigests> ArtifactSet::raw_digests(std::uint64_t id, const StopToken& stop) {
  DigestState state = digest_state(id);
  if (!state.is_there) {
    return no_artifact(id);
  }
  if (!state.digests && state.stamp && cache_) {
    std::vector<DigestCache::Wanted> wanted{{*state.stamp, id}};
    find_in_cache(wanted);
    state = digest_state(id);
  }
  if (state.digests) {
    return *state.digests;
  }
  return compute(id, stop);
}

std::optional<RawDigests> ArtifactSet::known_digests(std::uint64_t id) const {
  return digest_state(id).digests;
}

Result<std::vector<DigestFailure>> ArtifactSet::find_digests(std::span<const std::uint64_t> ids,
                                                             ThreadPool& pool,
                                                             const StopToken& stop) {
  constexpr std::size_t k_at_once = 8192;  // which bounds what the question takes
  constexpr std::uint64_t k_large_bytes = 8U << 20;
  std::vector<DigestFailure> failures;
  std::vector<std::uint64_t> unknown;
  std::vector<std::uint64_t> large;  // read first, or one core would end with them alone
  std::vector<DigestCache::Wanted> wanted;
  for (std::size_t start = 0; start < ids.size(); start += k_at_once) {
    if (stop.stop_requested()) {
      return cancelled_error();
    }
    const auto some = ids.subspan(start, std::min(k_at_once, ids.size() - start));
    wanted.clear();
    for (const std::uint64_t id : some) {
      const DigestState state = digest_state(id);
      if (state.stamp && !state.digests && cache_) {
        wanted.push_back({*state.stamp, id});
      }
    }
    find_in_cache(wanted);
    for (const std::uint64_t id : some) {
      const DigestState state = digest_state(id);
      if (!state.is_there) {
        failures.push_back({id, no_artifact(id)});
      } else if (!state.digests) {
        (state.stamp && state.stamp->size >= k_large_bytes ? large : unknown).push_back(id);
      }
    }
  }

  unknown.insert(unknown.begin(), large.begin(), large.end());
  std::mutex mutex;  // guards failures
  pool.for_each(unknown.size(), [&](std::size_t i) {
    if (stop.stop_requested()) {
      return;
    }
    if (auto computed = compute(unknown[i], stop); !computed) {
      const std::lock_guard lock(mutex);
      failures.push_back({unknown[i], std::move(computed.error())});
    }
  });
  if (cache_) {
    cache_->save();  // also when interrupted: what was read is known to the next run
  }
  if (stop.stop_requested()) {
    return cancelled_error();
  }
  return failures;
}

void ArtifactSet::find_in_cache(std::vector<DigestCache::Wanted>& wanted) {
  if (!wanted.empty()) {
    cache_->find(wanted,
                 [&](std::uint64_t id, const RawDigests& digests) { keep_digests(id, digests); });
  }
}

Result<RawDigests> ArtifactSet::compute(std::uint64_t id, const StopToken& stop) {
  const Pointer artifact = get(id);
  if (!artifact) {
    return no_artifact(id);
  }
  const bool remember = cache_ && !artifact->bytes;
  const DigestCache::Time began = remember ? cache_->now() : DigestCache::Time();
  TRY_ASSIGN(const RawDigests computed, digest_of(*artifact, stop));
  keep_digests(id, computed);
  if (remember) {
    cache_->add(artifact->stamp, computed, began);
  }
  return computed;
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
