// A profile of the AWS files: its keys, or the way to them that it describes.

#pragma once

#include "plugins/host/store/credentials/provider.hpp"
#include "plugins/host/store/credentials/tools.hpp"

#include <memory>
#include <string_view>

namespace deployflow::store {

/// `profile`, else the one that the environment names, else "default"; only "default" may be
/// missing. Follows the chain of resolve_profile_chain(): the base's key, then a role after the
/// other.
std::unique_ptr<CredentialsProvider> profile_provider(std::string_view profile,
                                                      ProviderTools tools);

}  // namespace deployflow::store
