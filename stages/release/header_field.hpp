// The fields of a rule for headers: what each is called in a pipeline and on the wire, and which
// values it may have.
//
// A value goes on the wire as it is, so what could end a header line or start another is refused,
// and so is what stores read in different ways: bytes that are not ASCII (S3 asks for RFC 2047,
// others for UTF-8, and both sign them differently), and spaces at the ends, which a signature
// leaves out and a server may not.

#pragma once

#include <span>
#include <string_view>

namespace deployflow::release {

struct HeaderField {
  std::string_view option;            // "cache_control"
  std::string_view header;            // "cache-control"
  bool (*is_good)(std::string_view);  // of a value that is_header_value()
  std::string_view must;              // "must be ...": what is said of one that is not good
  std::string_view hint;
};

/// All but metadata, of which each name is a header of its own.
std::span<const HeaderField> header_fields();

/// 1 to 4,096 characters of ASCII, no control among them, no space at its ends.
bool is_header_value(std::string_view text);
/// A token of RFC 9110, 5.6.2: what the name of a header may be.
bool is_token(std::string_view text);

inline constexpr std::string_view k_content_type = "content-type";
inline constexpr std::string_view k_metadata = "x-amz-meta-";

}  // namespace deployflow::release
