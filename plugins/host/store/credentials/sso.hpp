// AWS IAM Identity Center: the token that `aws sso login` left behind, exchanged for a role's key.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html

#pragma once

#include "plugins/host/store/credentials/credentials.hpp"
#include "plugins/host/store/credentials/profile_chain.hpp"
#include "plugins/host/store/credentials/tools.hpp"

#include <string>

namespace deployflow::store {

/// Reads ~/.aws/sso/cache/<SHA-1 of the session's name or start URL>.json and asks the portal for
/// the key. Blocking. Errors: `auth`: no token, an expired one (the hint is to run `aws sso
/// login`), or what the portal says; never with the token.
Result<Credentials> load_from_sso(const ProviderTools& tools,
                                  const SsoRole& role,
                                  const Profiles& profiles);

/// "~/.aws/sso/cache/<sha1>.json".
std::string sso_token_path(const SsoRole& role);

}  // namespace deployflow::store
