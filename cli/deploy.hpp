// push, run and validate: everything that runs a pipeline.

#pragma once

#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/surroundings.hpp"
#include "cli/ui/reporter.hpp"

namespace deployflow::cli {

ExitCode deploy(const CommandLine& line, Surroundings& around);

/// Tell why a command ends before it began, as the command line asks: text or JSON.
ExitCode refuse(const Refusal& refusal, const CommandLine& line, Surroundings& around);

}  // namespace deployflow::cli
