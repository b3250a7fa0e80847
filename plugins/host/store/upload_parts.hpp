// An upload in parts: continued if an earlier run began it, proven, and cleaned up when it is given
// up.
//
// The cut depends on the size alone (part_size.hpp), so a part that the store has already, with our
// size and our MD5 as its ETag, need not be sent again. Metadata was given when that upload began:
// after a continued upload it is compared, and if it differs all is sent anew.

#pragma once

#include "plugins/host/store/put_object.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace deployflow::store {

struct PartRange {
  std::uint32_t number = 1;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct PartsRequest {
  std::string key;
  std::uint64_t size = 0;
  std::string media_type;
  std::vector<Header> headers;
  std::string if_match;
  bool if_absent = false;
  std::uint32_t at_once = 4;  // parts; 1 = `source` is asked for one after the other, in order

  /// Make the payload of a part and call back on the loop; the bytes are let go with the payload.
  using PayloadCompletion = std::function<void(Result<Payload, StoreError>)>;
  std::function<void(const PartRange&, PayloadCompletion)> source;
  /// Asked on the loop when all parts are stored, before they become the object; null = nothing to
  /// check.
  std::function<void(std::function<void(Result<void, StoreError>)>)> before_complete;
};

/// On the loop. `done` as put_object. When it fails for good the upload is aborted; after
/// cancellation and what may pass it stays, to be continued by the next run.
void upload_parts(const StoreContext& context, PartsRequest request, StoredCompletion done);

}  // namespace deployflow::store
