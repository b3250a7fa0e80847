// The credentials of a target, as its configuration and the environment say.

#pragma once

#include "plugins/host/store/credentials/cached_source.hpp"
#include "plugins/host/store/credentials/tools.hpp"
#include "plugins/host/store/target.hpp"

#include <memory>

namespace deployflow::store {

/// anonymous: no key. A target with a profile: that profile alone, whatever the environment has.
/// Else in this order, the first that has a key: the environment, the profile that the environment
/// names or "default", web identity, GitHub's OIDC, a container's agent, the machine's metadata.
/// Nothing is read before prepare() or the first get().
std::shared_ptr<CredentialsSource> make_credentials(const TargetConfig& target,
                                                    const ProviderTools& tools,
                                                    CredentialsThreads threads = {});

}  // namespace deployflow::store
