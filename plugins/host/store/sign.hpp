// AWS Signature Version 4: turns a request and a key into the headers that S3 checks.
//
// Spec: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// The free functions stand in the order of that page and are pure: no clock, no environment, no
// network. Checked against AWS's examples, its signing test suite, and botocore
// (tests/unit/store/signing, tests/s3/signer).

#pragma once

#include "plugins/host/base/digest.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/base/time.hpp"
#include "plugins/host/store/credentials/credentials.hpp"
#include "plugins/host/store/object_store.hpp"
#include "plugins/host/store/uri.hpp"

#include <chrono>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::store {

/// SHA-256 of no bytes: the payload hash of a request without a body.
inline constexpr std::string_view k_empty_payload_hash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// In place of a hash: the body is not signed. Presigned URLs use it, where nobody knows the body
/// yet.
inline constexpr std::string_view k_unsigned_payload = "UNSIGNED-PAYLOAD";

/// What the signature is bound to: <date>/<region>/<service>/aws4_request.
struct Scope {
  WallTime time;       // S3 refuses more than 15 min of skew (RequestTimeTooSkewed)
  std::string region;  // "us-east-1"; "auto" for R2
  std::string service = "s3";
};

/// A request before it is signed. Every header handed in is signed, so hand in only what no proxy
/// rewrites: host, content-type, content-md5, range and x-amz-*.
struct SigningInput {
  std::string method;            // "GET"
  std::string path;              // raw, starts with '/'; encoded here, once
  std::vector<QueryPair> query;  // raw, in any order
  std::vector<Header>
      headers;               // names in any case; a repeated name is joined with ',' in this order
  std::string payload_hash;  // 64 lower-case hex digits, or k_unsigned_payload
};

/// What S3 does is the default; the others exist for AWS's test suite and other services.
struct SigningRules {
  enum class Path : std::uint8_t {
    as_given,
    normalized
  };  // normalized: RFC 3986 dot segments, '//'
  enum class PayloadHeader : std::uint8_t { send, omit };  // x-amz-content-sha256; S3 demands it
  enum class Token : std::uint8_t { signed_too, added_after };  // x-amz-security-token
  Path path = Path::as_given;
  PayloadHeader payload_header = PayloadHeader::send;
  Token token = Token::signed_too;
};

/// Each intermediate step, for comparing, and what goes on the wire.
struct Signed {
  std::string path;             // for the URL: encoded
  std::string query;            // for the URL: encoded, sorted; presigned: ends in the signature
  std::vector<Header> headers;  // to add to the request: x-amz-date, ..., authorization
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;      // 64 hex digits
  std::string authorization;  // empty when presigned
};

/// "Create a canonical request": six '\n'-separated fields, no final newline. `path` and `query`
/// are encoded; `headers` have lower-case names, are sorted and folded (see canonical_headers()).
std::string canonical_request(std::string_view method,
                              std::string_view path,
                              std::string_view query,
                              std::span<const Header> headers,
                              std::string_view payload_hash);

/// Names in lower case and sorted; values trimmed, inner white space folded to one space, values of
/// a repeated name joined with ',' in their order.
std::vector<Header> canonical_headers(std::span<const Header> headers);

/// "host;x-amz-date", of canonical headers.
std::string signed_header_names(std::span<const Header> headers);

/// "20130524/us-east-1/s3/aws4_request"
std::string credential_scope(const Scope& scope);

/// "Create a string to sign": algorithm, time, scope, hash of the canonical request.
std::string string_to_sign(const Scope& scope, std::string_view canonical_request);

/// "Derive a signing key": four chained HMACs, good for one UTC day of one region.
Sha256 signing_key(const Secret& secret, const Scope& scope);

/// "Calculate the signature": 64 lower-case hex digits.
std::string signature(const Sha256& key, std::string_view string_to_sign);

/// The value of the Authorization header.
std::string authorization(std::string_view key_id,
                          const Scope& scope,
                          std::string_view signed_names,
                          std::string_view signature);

/// Signs requests; keeps the last signing key, since deriving it costs as much as all the rest.
/// Thread-safe.
class Signer {
 public:
  /// x-amz-date, x-amz-content-sha256, x-amz-security-token and authorization in `input` are
  /// replaced. Errors: `internal` if `path` does not start with '/', there is no host header, a
  /// header name or the payload hash is malformed.
  Result<Signed> sign(const SigningInput& input,
                      const Credentials& credentials,
                      const Scope& scope,
                      const SigningRules& rules = {});

  /// Query-string form, for links handed to people. Errors: as sign(); `usage` if `ttl` is not 1 s
  /// to 7 days, or `query` has one of the parameters added here.
  Result<Signed> presign(const SigningInput& input,
                         const Credentials& credentials,
                         const Scope& scope,
                         std::chrono::seconds ttl,
                         const SigningRules& rules = {});

 private:
  Signed finish(const SigningInput& input,
                std::span<const QueryPair> query,
                std::span<const Header> headers,
                const Secret& secret,
                const Scope& scope,
                const SigningRules& rules);
  Sha256 key_for(const Secret& secret, const Scope& scope);

  struct CachedKey {
    std::string secret;
    std::string scope;
    Sha256 key{};
  };
  std::mutex mutex_;  // guards last_
  CachedKey last_;
};

}  // namespace deployflow::store
