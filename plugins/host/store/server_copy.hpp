// Carries one object from bucket to bucket inside one endpoint: no byte of it travels through this
// machine.
//
// Believed only if the copy has the ETag and the size of the source. A store that cannot do it, or
// whose copies get other ETags, is remembered in the habits, and the caller streams instead.

#pragma once

#include "plugins/host/store/put_object.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace deployflow::store {

/// What was learned of copies from one target to another. On the loop only.
struct CopyHabits {
  bool never = false;  // refused, or copies get ETags of their own
  bool only_in_parts =
      false;  // one copy of an upload in parts gets another ETag, or may not be that large
  bool never_in_parts = false;  // the other way does not work either
};

/// Where the object is, in the words of the destination's endpoint.
struct ServerSide {
  std::string bucket;
  std::string key;  // with the prefix of its target
  std::shared_ptr<CopyHabits> habits;
  std::string version = {};  // empty = the live one
};

struct ServerCopyRequest {
  ServerSide from;
  ObjectInfo source;  // as a head of it said
  std::string key;
  std::string media_type;  // of the copy, like the headers
  std::vector<Header> headers;
};

/// Is it worth trying for this object?
bool may_copy(const ServerSide& from, const ObjectInfo& source);

/// On the loop. `done` as put_object. Errors: the store's; `remote` if the copy is not proven. Then
/// nothing is left but perhaps an object under `key` with the right bytes and an unproven ETag.
void server_copy(const StoreContext& to, ServerCopyRequest request, StoredCompletion done);

}  // namespace deployflow::store
