// Several providers, asked in turn.

#pragma once

#include "plugins/host/store/credentials/provider.hpp"

#include <memory>
#include <vector>

namespace deployflow::store {

/// The first that has a key decides. Nothing anywhere is an `auth` Error that lists every place and
/// why it has none.
std::unique_ptr<CredentialsProvider> chain_provider(
    std::vector<std::unique_ptr<CredentialsProvider>> providers);

}  // namespace deployflow::store
