// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.

#pragma once

#include "plugins/host/base/environment.hpp"
#include "plugins/host/store/credentials/provider.hpp"

#include <memory>

namespace deployflow::store {

/// Blank variables count as unset; one of the key's two halves without the other is an Error.
std::unique_ptr<CredentialsProvider> environment_provider(Environment environment);

}  // namespace deployflow::store
