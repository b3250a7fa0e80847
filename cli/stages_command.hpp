// `deployflow stages`: every stage type that can be used, from where, with which options.

#pragma once

#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/surroundings.hpp"

namespace deployflow::cli {

/// Exit code `failed` if a plugin file could not be loaded; the others are listed all the same.
ExitCode list_stages(const CommandLine& line, Surroundings& around);

}  // namespace deployflow::cli
