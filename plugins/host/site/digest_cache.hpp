// Digests of files that earlier runs have read, so that a site of which nothing changed is not read
// again. SQLite, in the cache folder; without it a run takes longer, and that is all.
//
// A file is the one that was read if device, inode, size, mtime and ctime are the same. The ctime
// cannot be set, so neither a file put in the place of another nor one whose mtime was put back is
// taken for it. A file that changed within the tick of its file system's clock would be, so what
// changed less than two seconds before it was read is not remembered.
//
// Whatever is wrong with the database - no place for it, locked, of a newer deployflow, a full disk
// - ends its use in this run. A corrupt one is removed and made anew, by a process that is alone
// with it. Each row has a checksum: SQLite does not see a bit that flipped in a digest.

#pragma once

#include "plugins/host/base/digest.hpp"
#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/file.hpp"
#include "plugins/host/base/time.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace deployflow::site {

/// Thread-safe; several processes may use one database. Nothing is opened before the first call of
/// find() or add().
class DigestCache {
 public:
  struct Limits {
    int keep_days = 60;                   // a row that was not used for so long is removed
    std::int64_t most_rows = 2'000'000;   // some 150 bytes each
    int look_after_days = 7;              // how often both are checked
    std::chrono::milliseconds busy{500};  // how long another process that writes is waited for
  };
  using Time = std::chrono::sys_time<std::chrono::milliseconds>;

  explicit DigestCache(Environment environment, const Clock& clock = system_clock());
  DigestCache(Environment environment, const Clock& clock, Limits limits);
  ~DigestCache();  // saves
  DigestCache(const DigestCache&) = delete;
  DigestCache& operator=(const DigestCache&) = delete;

  struct Wanted {
    FileStamp stamp;
    std::uint64_t id = 0;  // whatever the caller knows it by
  };
  /// Call `found` for each that is known, in no order; it must not call the cache. `wanted` gets
  /// sorted. Many at once cost less: neighbours on disk are neighbours in the database.
  void find(std::vector<Wanted>& wanted,
            const std::function<void(std::uint64_t id, const RawDigests&)>& found);

  [[nodiscard]] Time now() const;
  /// Remember the digests of the file with that stamp, which it had before and after it was read;
  /// `began` is now() before. Written by save(), or when there are many.
  void add(const FileStamp& stamp, const RawDigests& digests, Time began);
  /// Write what was added, in one transaction.
  void save();

 private:
  class State;

  std::unique_ptr<State> state_;
};

}  // namespace deployflow::site
