// --to and its companions -> a target. Pure.

#pragma once

#include "cli/command_line.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/store/target.hpp"

namespace deployflow::cli {

/// The target of --to, --endpoint-url, --region, --profile and --url; its name is "target".
/// Errors: `usage`; a URL with a password in it is not repeated.
Result<store::TargetConfig> target_of(const CommandLine& line);

}  // namespace deployflow::cli
