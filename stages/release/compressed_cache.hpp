// Compressed forms of earlier runs, on disk: brotli takes seconds for what a deployment sends in
// milliseconds.
//
// An entry is a file, named after what it was made of and how, and the CRC-32 of itself:
//
//   <folder>/<sha256 of the content>.<tag of the settings>.<crc32>
//
// It comes there by rename, and is read whole and checked before it is used: brotli has no checksum
// of its own, and a damaged page would be damaged for every visitor. An empty one says that
// compressing gained too little. Several processes may share a folder. Nothing here is needed: a
// cache that cannot be read or written costs time, so nothing throws.

#pragma once

#include "stages/release/compressed_file.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::release {

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

  /// Where to compress into, so that put() can rename.
  [[nodiscard]] const std::string& folder() const { return folder_; }

  /// `sha256`: 64 lower-case hex digits. A damaged entry is removed and not found. What is
  /// found stays for an hour at least.
  std::optional<Entry> find(std::string_view sha256, const CompressSettings& settings);

  /// Keep a compressed form, or that there is none worth it (nullopt). nullopt back: it could not
  /// be kept, and `file` is still the caller's.
  std::optional<Entry> put(std::string_view sha256,
                           const CompressSettings& settings,
                           std::optional<TemporaryFile>& file);

  /// Remove what was used longest ago until `most_bytes` hold the rest, but nothing of the last
  /// hour: it may be this run's, or that of another at work. And what killed processes left a day
  /// ago.
  void trim();

 private:
  std::string folder_;
  std::uint64_t most_bytes_;
  std::mutex mutex_;                          // guards names_
  std::map<std::string, std::string> names_;  // "<sha256>.<tag>" -> file name
};

}  // namespace deployflow::release
