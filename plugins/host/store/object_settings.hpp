// How a target stores its objects: storage class, access, encryption at rest, tags.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/base/secret.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace deployflow::store {

enum class Encryption : std::uint8_t {
  none,      // as the bucket has it
  s3,        // SSE-S3: with keys of the store
  kms,       // SSE-KMS: with a key of a key service
  customer,  // SSE-C: with a key that every request brings along
};

using Tag = std::pair<std::string, std::string>;  // name, value

struct ObjectSettings {
  std::string storage_class;  // "STANDARD_IA"; empty = the bucket's
  std::string acl;            // "public-read"; empty = none is sent
  Encryption encryption = Encryption::none;
  std::string kms_key_id;  // of Encryption::kms; empty = the account's own
  Secret customer_key;     // of Encryption::customer: 32 bytes
  std::vector<Tag> tags;   // at most 10
};

/// The settings as headers, made once for a target.
struct ObjectHeaders {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  Headers on_write;        // of what makes an object: put, begin of an upload, copy
  Headers on_access;       // of what reads or adds bytes: get, head, part
  Headers on_copy_source;  // of a copy within the target
};

/// Errors: `config` for a customer key that has not 32 bytes, more than 10 tags, or a tag that S3
/// does not take (name 1 to 128 characters, value at most 256).
Result<ObjectHeaders> make_object_headers(const ObjectSettings& settings);

/// A customer key from the text of a file: 32 bytes, or their base64 (RFC 4648) with or without a
/// line end. Errors: `config`; the text is not repeated.
Result<Secret> parse_customer_key(std::string_view text);

}  // namespace deployflow::store
