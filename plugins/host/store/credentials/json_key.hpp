// Keys as JSON, which is how processes, metadata services and portals hand them out.
//
// Input is hostile. No message repeats a value: any of them may be a secret.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/store/credentials/credentials.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::store {

/// The strings and whole numbers of an object, as text.
using JsonMembers = std::map<std::string, std::string, std::less<>>;

/// The members of the object `text`, or of the object called `inside` in it. nullopt if it is none.
std::optional<JsonMembers> read_json_members(std::string_view text, std::string_view inside = {});

/// "" if there is none of that name.
std::string member_of(const JsonMembers& members, std::string_view name);

struct KeyNames {
  std::string_view key_id = "AccessKeyId";
  std::string_view secret = "SecretAccessKey";
  std::string_view token = "Token";
  std::string_view expires = "Expiration";  // ISO 8601, or milliseconds since 1970
};

/// The key that `members` spell; no expiry = it does not expire. Errors: `auth`, naming `source`
/// and the member that is missing or malformed.
Result<Credentials> key_of_members(const JsonMembers& members,
                                   const KeyNames& names,
                                   std::string source);

/// A `code` or `Code` that is one plain word, such as "AccessDenied", to show beside a status:
/// " AccessDenied", or "".
std::string shown_json_code(std::string_view body);

/// "2026-11-20T22:33:11Z" or "1763678000000" as a time.
std::optional<WallTime> parse_expiry(std::string_view text);

}  // namespace deployflow::store
