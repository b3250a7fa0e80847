// Help, printed from the tables: one line each for -h, in full for --help. 80 columns.

#pragma once

#include "cli/command_line.hpp"
#include "plugins/host/base/result.hpp"

#include <string>
#include <string_view>

namespace deployflow::cli {

/// What `-h` or `--help` prints for a command; `none` is the program.
std::string help_text(Command command, HelpDepth depth);

/// What `deployflow help TOPIC` prints. Errors: `usage` with the topics that there are.
Result<std::string> topic_text(const std::string& topic);

/// `text` broken at spaces to lines of at most `columns`, each after `indent` spaces, with '\n'
/// after each.
std::string wrap(std::string_view text, std::size_t indent, std::size_t columns = 80);

}  // namespace deployflow::cli
