// `deployflow sign`: the signer, driven from outside. plugins/host/store/README.md has the fields.

#pragma once

#include "cli/exit_code.hpp"
#include "cli/surroundings.hpp"

namespace deployflow::cli {

/// One JSON line out for each line of standard input; a bad line gives an error line and, at the
/// end, exit code `usage`.
ExitCode sign_lines(Surroundings& around);

}  // namespace deployflow::cli
