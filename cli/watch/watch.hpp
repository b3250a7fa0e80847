// `deployflow validate --watch`.

#pragma once

#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/surroundings.hpp"

namespace deployflow::cli {

/// Check, wait for a change, check again, until Ctrl-C: then `interrupted`. Ends otherwise only if
/// the first round could not begin.
ExitCode watch(const CommandLine& line, Surroundings& around);

}  // namespace deployflow::cli
