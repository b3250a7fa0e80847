#include "plugins/host/store/source_file.hpp"

#include "plugins/host/base/cancel.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace deployflow::store {
namespace {

constexpr std::size_t k_piece = 256U << 10;

Error changed(const std::string& path) {
  return {Errc::conflict,
          fmt::format("{}: changed while it was being deployed", path),
          "let nothing write to the site during a deployment, and run the same command again"};
}

}  // namespace

Result<std::shared_ptr<const OpenFile>> open_source(const FileSource& source) {
  TRY_ASSIGN(OpenFile file, open_regular(source.path));
  if (file.stamp != source.stamp) {
    return changed(source.path);
  }
  return std::shared_ptr<const OpenFile>(std::make_shared<OpenFile>(std::move(file)));
}

Result<void> check_unchanged(const OpenFile& file, const FileSource& source) {
  TRY_ASSIGN(const FileStamp stamp, stamp_of(file.fd, source.path));
  if (stamp != source.stamp) {
    return changed(source.path);
  }
  return {};
}

Result<Payload> read_source(const FileSource& source, const std::optional<RawDigests>& known) {
  TRY_ASSIGN(const std::shared_ptr<const OpenFile> file, open_source(source));
  std::string bytes(static_cast<std::size_t>(source.stamp.size), '\0');
  TRY_ASSIGN(const std::size_t got, read_at(file->fd, 0, bytes, source.path));
  if (got < bytes.size()) {
    return changed(source.path);
  }
  TRY(check_unchanged(*file, source));
  if (known) {
    return make_payload(std::make_shared<const std::string>(std::move(bytes)), *known);
  }
  return make_payload(std::move(bytes));
}

Result<Payload> hash_range(std::shared_ptr<const OpenFile> file,
                           const std::string& path,
                           std::uint64_t offset,
                           std::uint64_t size,
                           const Loop& loop) {
  std::vector<char> piece(static_cast<std::size_t>(std::min<std::uint64_t>(size, k_piece)));
  StreamDigest digest;
  for (std::uint64_t at = 0; at < size;) {
    if (loop.cancelled()) {
      return cancelled_error();
    }
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(size - at, piece.size()));
    TRY_ASSIGN(const std::size_t got, read_at(file->fd, offset + at, {piece.data(), want}, path));
    if (got < want) {
      return changed(path);
    }
    digest.update({piece.data(), got});
    at += got;
  }
  Payload payload;
  payload.file = std::move(file);
  payload.path = path;
  payload.offset = offset;
  payload.size = size;
  payload.sha256 = digest.finish_sha256();
  payload.md5 = digest.finish_md5();
  return payload;
}

}  // namespace deployflow::store
