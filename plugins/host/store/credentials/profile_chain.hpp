// How a profile gets its key: where the chain of its roles begins, and which roles are assumed
// then.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html. Pure; the
// order of precedence is that of AWS's SDKs, whose 28 cases the tests read.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/base/secret.hpp"
#include "plugins/host/store/credentials/profiles.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace deployflow::store {

struct StaticKeys {
  std::string profile;
  std::string key_id;
  Secret secret;
  Secret session_token;
};

enum class NamedSource : std::uint8_t { environment, instance_metadata, container };

struct WebIdentity {
  std::string profile;
  std::string role_arn;
  std::string token_file;
  std::string session_name;  // empty = one of ours
};

struct SsoRole {
  std::string profile;
  std::string session;  // of [sso-session ...]; empty = all of it stands in the profile
  std::string start_url;
  std::string region;
  std::string account_id;
  std::string role_name;
};

struct KeyProcess {
  std::string profile;
  std::string command;
};

using KeyBase = std::variant<StaticKeys, NamedSource, WebIdentity, SsoRole, KeyProcess>;

struct RoleStep {
  std::string profile;
  std::string role_arn;
  std::string session_name;  // empty = one of ours
  std::string external_id;
  std::optional<std::uint32_t> duration_seconds;  // 900 to 43200
};

struct ProfileChain {
  KeyBase base;
  std::vector<RoleStep> roles;  // in the order in which they are assumed
};

/// nullopt = the profile has no way to get a key, or there is no "default". Errors: `auth`, naming
/// the profile and the property: a profile that is named and not there, a loop, half a key, a role
/// without a source or with two, a part of SSO that is missing, a role that asks for an MFA code.
Result<std::optional<ProfileChain>> resolve_profile_chain(const Profiles& profiles,
                                                          const std::string& selected);

}  // namespace deployflow::store
