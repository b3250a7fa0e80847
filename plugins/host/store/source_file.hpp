// The file behind an artifact, read so that the bytes sent are the bytes hashed. Blocking: for pool
// threads.

#pragma once

#include "plugins/host/store/put_object.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace deployflow::store {

/// Open the file and check that it is the one that was stamped. Errors: `input`; `conflict` if it
/// is not.
Result<std::shared_ptr<const OpenFile>> open_source(const FileSource& source);

/// Is the open file still the one that was stamped? Errors: as open_source().
Result<void> check_unchanged(const OpenFile& file, const FileSource& source);

/// All of a small file in memory, with its digests: those given, or computed. Errors: as
/// open_source().
Result<Payload> read_source(const FileSource& source, const std::optional<RawDigests>& known);

/// A range of an open file with its digests; the bytes stay in the file. Errors: as open_source();
/// `cancelled` soon after `loop` is.
Result<Payload> hash_range(std::shared_ptr<const OpenFile> file,
                           const std::string& path,
                           std::uint64_t offset,
                           std::uint64_t size,
                           const Loop& loop);

}  // namespace deployflow::store
