// Words of the command line -> CommandLine, by way of CLI11. The only file that knows CLI11 is
// app.cpp.

#pragma once

#include "cli/command_line.hpp"
#include "plugins/host/base/result.hpp"

#include <span>
#include <string>

namespace deployflow::cli {

/// `arguments` without the program's name. Options may stand anywhere; `--` ends them.
/// Errors: `usage`. Never repeats the value of an option that it does not know: it may be a secret.
Result<CommandLine> parse_command_line(std::span<const std::string> arguments);

/// Does a wrong command line still ask for JSON? Looks no further than `--`.
bool asks_for_json(std::span<const std::string> arguments);

}  // namespace deployflow::cli
