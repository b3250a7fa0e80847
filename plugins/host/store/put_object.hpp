// Puts one artifact into a store: the whole of it, exactly once, and proven.
//
// Up to 256 KiB is read once into memory; up to 16 MiB is hashed, unless its digests are known, and
// then streamed from one descriptor; above, it goes in equal parts, several at a time, continuing
// an upload that an earlier run began. A file that changes meanwhile is noticed (its stamp, and the
// server checks both digests) and refused.

#pragma once

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/store/byte_budget.hpp"
#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace deployflow::store {

/// What the composites work with; all outlive the operation. put_object and its siblings may be
/// called from any thread; completions run on the loop.
struct StoreContext {
  ObjectStore& store;
  Loop& loop;
  ThreadPool& pool;
  ByteBudget& budget;  // of bytes on their way from one store to another
  ByteBudget& files;   // of files that are read or open to be sent
};

struct FileSource {
  std::string path;
  FileStamp stamp;  // the file must still be this one
};

struct PutRequest {
  std::string key;
  std::variant<std::shared_ptr<const std::string>, FileSource> source;
  // Of the source, so that it is not read only to have them; the store checks both. Should they be
  // wrong, as of a file that changed and kept its stamp, it is sent again with its own.
  std::optional<RawDigests> digests = std::nullopt;
  std::string media_type;
  std::vector<Header> headers;
  std::string if_match;    // replace only this ETag, else conflict
  bool if_absent = false;  // only if there is none, else conflict
};

/// An object that a store holds now.
struct Stored {
  ObjectInfo object;           // as the store described it; key, size and etag are set
  bool confirmed = false;      // the store proved size and checksum
  std::uint32_t requests = 0;  // HTTP requests that it took, retries included
};
using StoredOutcome = Result<Stored, StoreError>;
using StoredCompletion = std::function<void(StoredOutcome)>;

/// `done` runs exactly once, on the loop, never inside the call.
/// Errors: `input` if the file cannot be read; `conflict` if it changed, or a condition does not
/// hold; `cancelled`; else what the store answered.
void put_object(const StoreContext& context, PutRequest request, StoredCompletion done);

}  // namespace deployflow::store
