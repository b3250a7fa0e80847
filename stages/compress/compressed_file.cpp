#include "stages/compress/compressed_file.hpp"

#include <deployflow/stage.hpp>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include <system_error>
#include <utility>

namespace deployflow::stages {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path) {
  throw Failure{DF_IO,
                std::string(what) + " " + path + ": " + std::generic_category().message(errno)};
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& folder) : path_(folder + "/.tmp-XXXXXX") {
  file_ = ::mkostemp(path_.data(), O_CLOEXEC);
  if (file_ < 0) {
    fail("cannot make a file in", folder);
  }
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      file_(std::exchange(other.file_, -1)),
      size_(other.size_),
      crc_(other.crc_) {}

TemporaryFile::~TemporaryFile() {
  if (file_ >= 0) {
    ::close(file_);
  }
  if (!path_.empty()) {
    ::unlink(path_.c_str());
  }
}

void TemporaryFile::write(std::string_view bytes) {
  crc_ = static_cast<std::uint32_t>(
      crc32_z(crc_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  size_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) {
      fail("cannot write", path_);
    }
    bytes.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
}

void TemporaryFile::close() {
  if (::close(std::exchange(file_, -1)) != 0) {  // a quota may be told here
    fail("cannot write", path_);
  }
}

std::optional<TemporaryFile> compress_to_file(const CompressSettings& settings,
                                              std::uint64_t size,
                                              const ByteSource& source,
                                              const std::string& folder) {
  TemporaryFile file(folder);
  const std::uint64_t had =
      compress(settings, size, source, [&](std::string_view piece) { file.write(piece); });
  file.close();
  if (had != size) {
    throw Failure{DF_CONFLICT, "the file changed while it was compressed"};
  }
  if (!is_gain(size, file.size())) {
    return std::nullopt;
  }
  return file;
}

}  // namespace deployflow::stages
