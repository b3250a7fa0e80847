// A job of GitHub Actions that may ask for an OIDC token (`permissions: id-token: write`): the
// token is asked for here and exchanged for the key of AWS_ROLE_ARN, with no action in between.
//
// https://docs.github.com/en/actions/reference/security/oidc

#pragma once

#include "plugins/host/store/credentials/provider.hpp"
#include "plugins/host/store/credentials/tools.hpp"

#include <memory>

namespace deployflow::store {

/// With AWS_ROLE_ARN, ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN. A fresh
/// token at each load, for the audience sts.amazonaws.com.
std::unique_ptr<CredentialsProvider> github_oidc_provider(ProviderTools tools);

}  // namespace deployflow::store
