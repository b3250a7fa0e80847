// Carries one object from one store to another as it is: bytes, media type and HTTP headers.
//
// Inside one endpoint the store copies it by itself (server_copy.hpp); all else is streamed. Memory
// is bounded by the context's budget; ranges over 8 MiB go through unlinked temporary files. The
// destination is written under the same part rule as put_object, so both stores end with equal
// ETags.

#pragma once

#include "plugins/host/store/put_object.hpp"
#include "plugins/host/store/server_copy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace deployflow::store {

struct TransferRequest {
  std::string from_key;
  std::uint64_t size = 0;         // as listed; a source that differs is a conflict
  std::string etag;               // that the source must have; empty = any, then the first answer's
  std::string from_version = {};  // empty = the live one
  std::string key;
  std::vector<Header> extra_headers;  // put over those carried from the source
  /// Media type and headers of the copy, instead of the source's.
  std::optional<std::pair<std::string, std::vector<Header>>> replace = {};
  std::optional<ServerSide> server_side;  // the source, where one endpoint has both
  std::string temporary_folder = "/tmp";
};

/// `done` runs exactly once, on the loop, never inside the call. `to` is the destination.
/// Errors: `not_found` and `conflict` of the source name it; `input` if the temporary folder fails.
void transfer(ObjectStore& from,
              const StoreContext& to,
              TransferRequest request,
              StoredCompletion done);

/// The headers of `source` that a copy in another store keeps: cache-control, content-disposition,
/// content-encoding (without aws-chunked), content-language, expires, x-amz-meta-*,
/// x-amz-website-redirect-location.
std::vector<Header> carried_headers(const std::vector<Header>& source);

}  // namespace deployflow::store
