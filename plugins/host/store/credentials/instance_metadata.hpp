// The metadata service of an EC2 machine (IMDS), version 2 alone: version 1 gives a key to whoever
// makes the machine fetch a URL.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html

#pragma once

#include "plugins/host/store/credentials/provider.hpp"
#include "plugins/host/store/credentials/tools.hpp"

#include <memory>

namespace deployflow::store {

/// A token by PUT, the name of the machine's role, its key: at most 2 s in all, since most machines
/// that ask have no such service. No answer is nothing, not an Error. AWS_EC2_METADATA_DISABLED,
/// AWS_EC2_METADATA_SERVICE_ENDPOINT and AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE (IPv4, IPv6) count.
std::unique_ptr<CredentialsProvider> instance_metadata_provider(ProviderTools tools);

}  // namespace deployflow::store
