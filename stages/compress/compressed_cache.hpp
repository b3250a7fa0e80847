// Compressed forms of earlier runs, on disk: brotli takes seconds for what a deployment sends in
// milliseconds.
//
// An entry is a file, named after what it was made of and how, and the CRC-32 of itself:
//
//   <folder>/<sha256 of the content>.<tag of the settings>.<crc32>
//
// It comes there by rename, and is read whole and checked before it is used: brotli has no checksum
// of its own, and a damaged page would be damaged for every visitor. An empty one says that
// compressing gained too little. Nothing here is needed: a cache that cannot be read or written
// costs time, so nothing throws.
//
// Entries become files of a site, and a file of a site must not change while it is sent. So an
// entry in its place is never replaced, and what touches entries (trim()) does so only when no
// other process has the folder: each holds a shared lock of "<folder>/.lock". And since a later run
// knows a file's digests by its inode and times, an entry's times stay as they are for a day, not
// until its next use.

#pragma once

#include "stages/compress/compressed_file.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::stages {

/// Thread-safe.
class CompressedCache {
 public:
  struct Entry {
    std::string path;
    std::uint64_t size = 0;

    /// False: store the content as it is.
    [[nodiscard]] bool is_gain() const { return size > 0; }
  };

  /// `folder` is made if need be. What is in it is listed once, here.
  CompressedCache(std::string folder, std::uint64_t most_bytes);
  ~CompressedCache();
  CompressedCache(const CompressedCache&) = delete;
  CompressedCache& operator=(const CompressedCache&) = delete;

  /// Where to compress into, so that put() can rename.
  [[nodiscard]] const std::string& folder() const { return folder_; }

  /// `sha256`: 64 lower-case hex digits. A damaged entry is removed and not found. What is
  /// found stays as it is while this lives.
  std::optional<Entry> find(std::string_view sha256, const CompressSettings& settings);

  /// Keep a compressed form, or that there is none worth it (nullopt). nullopt back: it could not
  /// be kept, and `file` is still the caller's.
  std::optional<Entry> put(std::string_view sha256,
                           const CompressSettings& settings,
                           std::optional<TemporaryFile>& file);

  /// Remove what was used longest ago (to the day) until `most_bytes` hold the rest, but nothing
  /// that was found here, nor anything of the last hour: there may be file systems without locks.
  /// And what killed processes left a day ago. Does nothing while another process has the folder.
  /// After it an entry that was found may have other times.
  void trim();

 private:
  struct Name {
    std::uint32_t crc = 0;
    bool is_used = false;  // by this
  };

  std::string folder_;
  std::uint64_t most_bytes_;
  int lock_ = -1;                                   // of the lock's file
  std::mutex mutex_;                                // guards names_
  std::map<std::string, Name, std::less<>> names_;  // "<sha256>.<tag>"
};

}  // namespace deployflow::stages
