// `deployflow doctor`: what works at a target, and what that means for a deployment.

#pragma once

#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/surroundings.hpp"

namespace deployflow::cli {

/// Exit code `done` if a deployment to every target that was tried would work; else that of the
/// first that would fail: `credentials`, `usage` for a wrong setting, `failed` for all else.
ExitCode doctor(const CommandLine& line, Surroundings& around);

}  // namespace deployflow::cli
