// An operation as the HTTP request that S3 wants, before it is signed. Pure but for the digest of
// XML bodies.
//
// One wire profile for every vendor: Content-MD5 on every body, no CRC, no trailer, no ACL, no
// x-id. Signed are host, content-type, content-md5, range and x-amz-*; a proxy may rewrite the
// rest.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/store/object_store.hpp"
#include "plugins/host/store/uri.hpp"
#include "plugins/host/store/wire.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace deployflow::store {

constexpr std::chrono::milliseconds k_usual_patience{30'000};

struct S3Request {
  std::string method;
  std::string key;                     // empty = the bucket itself
  std::vector<QueryPair> query;        // raw
  std::vector<Header> signed_headers;  // without host and what the signer adds
  std::vector<Header> plain_headers;
  std::optional<Payload> body;
  std::uint64_t max_body = 1U << 20;                      // of the answer
  std::chrono::milliseconds patience = k_usual_patience;  // without a byte moved, then it fails
};

struct S3RequestContext {
  std::string_view bucket;
  std::string_view twin_bucket = {};  // see S3Options
  std::string_view location;          // for CreateBucket; empty = leave it to the store
  WireSettings wire = {};
  bool demands_etags = true;  // of writes; false: each demand is refused, so others look before
  const ObjectHeaders* objects = nullptr;  // of the target's settings; null = none
};

/// Errors: `config` for a header that cannot be sent, naming it; `internal` for an impossible
/// operation.
Result<S3Request> make_s3_request(const Operation& operation, const S3RequestContext& context);

}  // namespace deployflow::store
