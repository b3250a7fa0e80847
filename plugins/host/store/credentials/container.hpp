// The agent beside a container of ECS, Fargate, EKS Pod Identity or Greengrass.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html

#pragma once

#include "plugins/host/store/credentials/provider.hpp"
#include "plugins/host/store/credentials/tools.hpp"

#include <memory>

namespace deployflow::store {

/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI at 169.254.170.2, else AWS_CONTAINER_CREDENTIALS_FULL_URI
/// where a token may go (check_secret_url()). AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, read at each
/// load, goes before AWS_CONTAINER_AUTHORIZATION_TOKEN.
std::unique_ptr<CredentialsProvider> container_provider(ProviderTools tools);

}  // namespace deployflow::store
