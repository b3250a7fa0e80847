// credential_process: a program of the user's own that prints a key.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html

#pragma once

#include "plugins/host/store/credentials/credentials.hpp"
#include "plugins/host/store/credentials/profile_chain.hpp"
#include "plugins/host/store/credentials/tools.hpp"

namespace deployflow::store {

/// Runs it and reads what it prints. Blocking. Errors: `auth`, naming the profile and the program,
/// never its arguments or output, which may hold secrets; `cancelled`.
Result<Credentials> load_from_process(const ProviderTools& tools, const KeyProcess& process);

}  // namespace deployflow::store
