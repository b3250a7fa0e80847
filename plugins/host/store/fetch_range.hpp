// A range of an object fetched so that it can be sent on: in memory if small, else in an unlinked
// file.

#pragma once

#include "plugins/host/store/put_object.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace deployflow::store {

struct RangeRequest {
  std::string key;
  std::string version = {};  // empty = the live one
  std::string if_match;      // ETag of the object; empty = any
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  // bytes of the range; fewer is an error
  bool whole = false;      // the range is the whole object
  std::string temporary_folder;
  std::shared_ptr<StreamDigest>
      whole_digest;  // also updated with the range's bytes, in order; may be null
};

struct Fetched {
  Payload payload;
  ObjectInfo object;  // of the last answer
  std::uint32_t requests = 0;
};
using FetchCompletion = std::function<void(Result<Fetched, StoreError>)>;

/// On the loop; `done` on the loop. `from` is read; budget, pool and loop are the context's.
/// Errors: as the store says; `conflict` if the object is not of the size asked; `input` for the
/// folder.
void fetch_range(ObjectStore& from,
                 const StoreContext& context,
                 RangeRequest request,
                 FetchCompletion done);

/// The bytes of `payload` count against `budget`, `bytes` of it, for as long as anyone holds them.
/// The budget is of the loop `on`.
void charge(Payload& payload, ByteBudget& budget, Loop& on, std::uint64_t bytes);

}  // namespace deployflow::store
