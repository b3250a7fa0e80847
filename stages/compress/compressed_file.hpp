// Compresses into a file, which memory could not hold.

#pragma once

#include "stages/compress/coding.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace deployflow::stages {

/// A file that is removed with this, unless it was released.
class TemporaryFile {
 public:
  /// Made in `folder`, with mode 0600 and a name that begins with ".tmp-".
  /// Throws Failure{DF_IO} if that is not possible.
  explicit TemporaryFile(const std::string& folder);
  ~TemporaryFile();
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;

  /// Throws Failure{DF_IO}: the disk is full, most often.
  void write(std::string_view bytes);
  void close();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint32_t crc32() const { return crc_; }
  /// It is somebody else's to remove, or has another name.
  void release() { path_.clear(); }

 private:
  std::string path_;
  int file_ = -1;
  std::uint64_t size_ = 0;  // written
  std::uint32_t crc_ = 0;   // of what was written
};

/// The compressed form of what `source` gives, closed; nullopt if it gains too little (is_gain()).
/// Throws as TemporaryFile and compress() do, and Failure{DF_CONFLICT} if the source has not `size`
/// bytes.
std::optional<TemporaryFile> compress_to_file(const CompressSettings& settings,
                                              std::uint64_t size,
                                              const ByteSource& source,
                                              const std::string& folder);

}  // namespace deployflow::stages
