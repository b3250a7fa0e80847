// deployflow presign: a link to one object.

#pragma once

#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/surroundings.hpp"

namespace deployflow::cli {

/// Prints the link on standard output. The object must be there.
ExitCode presign(const CommandLine& line, Surroundings& around);

}  // namespace deployflow::cli
