// Does a store hold what was sent? By its ETag if that is the checksum S3's rules make, else by
// reading back.

#pragma once

#include "plugins/host/store/put_object.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace deployflow::store {

struct SentRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  Sha256 sha256{};
};

struct Proof {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;               // that S3's rules give the content
  std::vector<SentRange> ranges;  // that together are the content
};

/// `stored` is what the store answered to the write; in the outcome it is confirmed, and its
/// requests grow. `done` may run inside the call, on the loop. Errors: transient `remote`, naming
/// the key, if the object is not what was sent; else as the store says.
void confirm(const StoreContext& context, Proof proof, Stored stored, StoredCompletion done);

}  // namespace deployflow::store
