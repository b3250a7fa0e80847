// The files of the site on their way through the pipeline.
//
// Stages read it from many threads; changes wait for readers. A site may have hundreds of thousands
// of files, so what is kept of each is small (64 bytes and its key), and the whole artifact is made
// for whoever asks.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/digest.hpp"
#include "plugins/host/base/file.hpp"
#include "plugins/host/base/glob.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/site/digest_cache.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::site {

/// Names in lower case, the media type not among them.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Artifact {
  std::uint64_t id = 0;
  std::string key;
  std::string path;                          // on disk; empty when generated
  FileStamp stamp;                           // of the file when it was listed
  std::shared_ptr<const std::string> bytes;  // generated in memory; null = on disk
  std::string media_type;
  Headers headers;

  [[nodiscard]] std::uint64_t size() const { return bytes ? bytes->size() : stamp.size; }
};

struct Digests {
  std::string sha256;  // lower-case hex
  std::string md5;
};

/// An artifact whose digests could not be had. `not_found`: there is none with that id; else as
/// digests().
struct DigestFailure {
  std::uint64_t id = 0;
  Error error;
};

/// A name in the store: UTF-8, 1 to 1,024 bytes, not starting with '/', no "." or ".." segment, no
/// NUL. Errors: `input` naming the key.
Result<void> check_key(std::string_view key);

/// Thread-safe. What get() and find() give is the artifact as it is at the call, and the caller's
/// own.
class ArtifactSet {
 public:
  using Pointer = std::shared_ptr<const Artifact>;

  /// Without a cache every file is read whose digests are asked for.
  explicit ArtifactSet(std::unique_ptr<DigestCache> cache = nullptr);
  ~ArtifactSet();
  ArtifactSet(const ArtifactSet&) = delete;
  ArtifactSet& operator=(const ArtifactSet&) = delete;

  /// Add, or replace the artifact of the same key. Returns its id.
  std::uint64_t put(Artifact artifact);
  bool drop(std::uint64_t id);
  bool set_media_type(std::uint64_t id, std::string media_type);
  /// nullopt removes the header.
  bool set_header(std::uint64_t id, const std::string& name, std::optional<std::string> value);

  [[nodiscard]] Pointer get(std::uint64_t id) const;       // null if dropped or never there
  [[nodiscard]] Pointer find(std::string_view key) const;  // null if there is none
  /// Of an artifact that is or was there; the text stays as long as the set.
  [[nodiscard]] std::string_view key(std::uint64_t id) const;
  /// Of all that are there at the call, in order of key (bytes); with a pattern, of those it means.
  [[nodiscard]] std::vector<std::uint64_t> ids(const Glob* glob = nullptr) const;
  /// Of the keys behind `after` that begin with `prefix`, every `step`-th, in order.
  [[nodiscard]] std::vector<std::string> keys_apart(std::string_view prefix,
                                                    std::string_view after,
                                                    std::size_t step) const;
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] std::uint64_t total_bytes() const;

  /// Both digests, from an earlier run or computed at the first call, and kept. Errors: `input`;
  /// `not_found` if there is none with that id; `conflict` if the file is not the one that was
  /// listed; `cancelled`.
  Result<Digests> digests(std::uint64_t id, const StopToken& stop = {});
  Result<RawDigests> raw_digests(std::uint64_t id, const StopToken& stop = {});
  /// What digests() has already found; nothing is read.
  [[nodiscard]] std::optional<RawDigests> known_digests(std::uint64_t id) const;
  /// Those of many at once, several files at a time, so that digests() has them at no cost. What
  /// earlier runs know is not read. Takes some 100 bytes for each file that is read. Returns those
  /// that have none; the others are known whatever became of these. Errors: `cancelled`.
  Result<std::vector<DigestFailure>> find_digests(std::span<const std::uint64_t> ids,
                                                  ThreadPool& pool,
                                                  const StopToken& stop);

 private:
  class State;
  struct DigestState {
    bool is_there = false;
    std::optional<RawDigests> digests;
    std::optional<FileStamp> stamp;  // of a file
  };

  [[nodiscard]] DigestState digest_state(std::uint64_t id) const;
  void keep_digests(std::uint64_t id, const RawDigests& digests);  // of one that is or was there
  void find_in_cache(std::vector<DigestCache::Wanted>& wanted);
  Result<RawDigests> compute(std::uint64_t id, const StopToken& stop);

  std::unique_ptr<State> state_;
  std::unique_ptr<DigestCache> cache_;  // may be null
};

/// Run `work`, which reads the artifact's file, and prove that the file is the one that was listed
/// before and after. Errors: of `work`; `conflict` if the file changed.
Result<std::string> with_unchanged_file(const Artifact& artifact,
                                        const std::function<Result<std::string>()>& work);

/// Up to out.size() bytes from `offset`; fewer only at the end. Errors: as digests().
Result<std::size_t> read_artifact(const Artifact& artifact,
                                  std::uint64_t offset,
                                  std::span<char> out);

}  // namespace deployflow::site
