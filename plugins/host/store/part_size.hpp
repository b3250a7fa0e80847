// How an object is cut into parts, and the ETag that follows from it. Pure.
//
// The cut depends on the size alone, so a second run, another target and the comparison of ETags
// agree.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/digest.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/base/thread_pool.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace deployflow::store {

constexpr std::uint64_t k_single_put_bytes = 16U << 20;  // objects up to here go in one request
constexpr std::uint64_t k_max_object_bytes = 5ULL << 40;

/// Bytes of each part but the last: 8 MiB, grown in MiB so that there are at most 1,000 parts (what
/// the strictest store takes), or 10,000 once parts would pass 512 MiB. `size` is at most 5 TiB.
std::uint64_t part_size(std::uint64_t size);

/// Parts of an object of `size` bytes: 1 up to k_single_put_bytes.
std::uint32_t part_count(std::uint64_t size);

/// The ETag that S3 gives an upload in parts: MD5 of the parts' MD5s, "-", their count.
std::string composite_etag(std::span<const Md5> parts);

/// Can `etag` be the MD5 of a content: 32 hex digits?
bool is_md5_etag(std::string_view etag);

/// Is `etag` that of an upload in as many parts as an object of `size` has, so perhaps in the very
/// same?
bool may_have_our_parts(std::string_view etag, std::uint64_t size);

/// The ETag that a store which follows S3's rules gives the file's content when put_object stores
/// it. Reads all of it, the parts of a large one on `pool` at once if it is given and this is no
/// thread of it. Errors: `input`; `cancelled`.
Result<std::string> expected_etag(const std::string& path,
                                  const StopToken& stop = {},
                                  ThreadPool* pool = nullptr);

/// The same for bytes in memory.
std::string expected_etag_of(std::string_view bytes);

}  // namespace deployflow::store
