// ETags of a store, as far as they can be compared (RFC 9110, 8.8.3; S3 gives strong ones).

#pragma once

#include <string_view>

namespace deployflow::release {

std::string_view without_quotes(std::string_view etag);

/// Are these the same ETag? Case and quotes do not count. An empty one equals none.
bool is_same_etag(std::string_view a, std::string_view b);

/// Is it 32 hex digits, as the MD5 of the content is on most stores?
bool is_md5_etag(std::string_view etag);

/// Do they prove that the bytes differ? Only two of one make can, MD5s or of as many parts: another
/// client's copy of the same bytes may have been cut otherwise.
bool are_of_other_bytes(std::string_view a, std::string_view b);

}  // namespace deployflow::release
