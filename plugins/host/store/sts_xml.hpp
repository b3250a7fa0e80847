// The XML that AWS's Security Token Service answers with. Pure; input is hostile, as in s3_xml.hpp.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace deployflow::store {

struct StsKey {
  std::string key_id;
  std::string secret;
  std::string session_token;
  std::string expiration;  // ISO 8601
};

struct StsError {
  std::string code;
  std::string message;
};

/// The Credentials of an AssumeRoleResponse or AssumeRoleWithWebIdentityResponse; a member that is
/// missing is empty. nullopt if `body` is neither.
std::optional<StsKey> parse_sts_key_xml(std::string_view body);

/// nullopt if `body` is no ErrorResponse (nor the bare Error that some stores send).
std::optional<StsError> parse_sts_error_xml(std::string_view body);

}  // namespace deployflow::store
