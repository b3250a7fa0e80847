// The engine of `deployflow sign`: one request as a JSON line in, its signature as a JSON line out.
//
// So that the signer can be compared with another implementation from outside. The format is a
// promise: README.md, "deployflow sign".

#pragma once

#include "plugins/host/base/result.hpp"

#include <string>
#include <string_view>

namespace deployflow::store {

/// One line of at most 1 MiB, without its newline; the answer has no newline either. Pure.
/// Errors: `usage`, naming the member that is missing, unknown or malformed; values are never
/// repeated, since they may be secret.
Result<std::string> sign_json_line(std::string_view line);

}  // namespace deployflow::store
