// A token that somebody else vouches for, exchanged for a role's key: Kubernetes (EKS IRSA), and CI
// jobs that have one in a file.

#pragma once

#include "plugins/host/store/credentials/profile_chain.hpp"
#include "plugins/host/store/credentials/provider.hpp"
#include "plugins/host/store/credentials/tools.hpp"

#include <memory>

namespace deployflow::store {

/// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, with AWS_ROLE_SESSION_NAME if set. The file is
/// read at each load, since it is replaced while we run.
std::unique_ptr<CredentialsProvider> web_identity_provider(ProviderTools tools);

/// The key of `identity`, whose file is read now. Blocking. Errors: `auth` naming the file, or as
/// assume_role_with_token().
Result<Credentials> load_web_identity(const ProviderTools& tools,
                                      const WebIdentity& identity,
                                      const Profiles& profiles);

}  // namespace deployflow::store
