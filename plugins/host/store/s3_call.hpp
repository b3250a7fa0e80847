// One operation on its way through the S3 client. For s3_*.cpp only.

#pragma once

#include "plugins/host/store/s3_store.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace deployflow::store {

struct S3Store::Call {
  Operation operation;
  Completion done;
  std::uint32_t requests = 0;
  std::string key_id;         // that the last request was signed with
  std::string session_token;  // never shown: a server may echo it
  std::string region;         // that the last request was signed for
  std::string etag;           // of the body that is being received
  std::chrono::seconds skew{0};
  std::chrono::steady_clock::time_point sent;
  bool tried_region = false;
  bool tried_skew = false;
  bool tried_refresh = false;
  bool tried_other_way = false;
  bool signed_media_type = false;  // of the last request
  bool tried_unsigned = false;     // media type
  bool tried_fresh = false;        // connection
  bool looked_closer = false;
  IfMatch demanded = IfMatch::quoted;  // how the last request wrote the ETag that it demanded
  bool has_demanded = false;           // ... if it did
};

/// The ETag that a write demands of what it replaces or deletes; empty if it demands none. (That of
/// a copy is its source's.)
std::string_view demanded_etag(const Operation& operation);

}  // namespace deployflow::store
