// The XML of the S3 API, both ways. Pure.
//
// Input is hostile: no DTD is processed, entities stay text, a NUL (which would cut a key short)
// and a root of another name are errors, and elements are looked up by name and never walked
// recursively.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/store/object_store.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::store {

/// An <Error> document, or an <Error> entry.
struct S3ErrorText {
  std::string code;
  std::string message;
  std::string region;       // AuthorizationHeaderMalformed, PermanentRedirect
  std::string server_time;  // RequestTimeTooSkewed
};

/// nullopt if `body` is not an <Error> document.
std::optional<S3ErrorText> parse_error_xml(std::string_view body);

/// A page of a listing, V1 or V2. Keys are decoded if the page says that they are encoded.
/// Sets objects, truncated, next_token (V2: NextContinuationToken; V1: NextMarker).
Result<Reply> parse_list_xml(std::string_view body);
Result<Reply> parse_delete_many_xml(std::string_view body);      // failures
Result<Reply> parse_copy_xml(std::string_view body);             // object.etag, object.modified
Result<Reply> parse_create_upload_xml(std::string_view body);    // upload_id
Result<Reply> parse_complete_upload_xml(std::string_view body);  // object.etag
Result<Reply> parse_list_parts_xml(std::string_view body);       // parts, truncated
Result<Reply> parse_list_uploads_xml(std::string_view body);     // uploads, truncated, next_*
/// Delete markers are left out. Sets objects, truncated, next_*.
Result<Reply> parse_list_versions_xml(std::string_view body);
/// Is it a listing of objects? So answers who does not know that versions were asked for.
bool is_list_xml(std::string_view body);

Result<Reply> parse_copy_part_xml(std::string_view body);  // parts (one, number and size not set)
Result<Reply> parse_tags_xml(std::string_view body);       // tags, sorted by name

std::string make_tags_xml(std::span<const Tag> tags);
std::string make_delete_many_xml(std::span<const std::string> keys);
std::string make_complete_upload_xml(std::span<const UploadedPart> parts);
std::string make_create_bucket_xml(std::string_view region);

/// Can XML 1.0 carry `key` as it is: UTF-8 without control characters? If not, DeleteObjects cannot
/// name it.
bool is_xml_text(std::string_view key);

/// `"abc"`, W/"abc" and abc are all abc.
std::string unquoted_etag(std::string_view etag);

}  // namespace deployflow::store
