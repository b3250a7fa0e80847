// Where endpoints differ in how a request has to be written.
//
// All of it is found out from their answers. A target may begin with another value, for an endpoint
// whose answers mislead; what is learned still replaces it.

#pragma once

#include <cstdint>

namespace deployflow::store {

enum class ListVersion : std::uint8_t { v1, v2 };
enum class ListKeys : std::uint8_t { encoded, plain };
enum class IfMatch : std::uint8_t { quoted, bare };  // of an ETag that a write demands

struct WireSettings {
  ListVersion list = ListVersion::v2;
  ListKeys list_keys = ListKeys::encoded;
  IfMatch if_match = IfMatch::quoted;
  bool delete_many = true;        // a thousand keys in one request; else one request a key
  bool signed_media_type = true;  // content-type among the signed headers
  bool content_md5 = true;        // with the bytes of objects; XML always has it
};

}  // namespace deployflow::store
