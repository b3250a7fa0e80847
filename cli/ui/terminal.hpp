// What kind of place the text goes to: colour, cursor, width.

#pragma once

#include "cli/command_line.hpp"
#include "plugins/host/base/environment.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace deployflow::cli {

struct Terminal {
  bool moving = false;  // a terminal that can erase a line
  bool color = false;
};

/// What `fd` is. Colour: --color, then NO_COLOR (set, not empty), then CLICOLOR_FORCE (set, neither
/// empty nor 0), then: a terminal and TERM is not "dumb".
Terminal describe_terminal(int fd, ColorChoice choice, const Environment& environment);
/// The same decision, pure.
Terminal decide_terminal(bool is_terminal, ColorChoice choice, const Environment& environment);

/// Columns of the terminal at `fd`, asked anew each time; 80 if it does not say.
std::size_t terminal_columns(int fd);

/// Columns that UTF-8 text takes: two for East Asian wide characters and emoji, none for combining
/// marks.
std::size_t display_columns(std::string_view text);

/// `text` if it fits `columns`, else cut between characters with "..." at the end.
std::string elide(std::string_view text, std::size_t columns);

}  // namespace deployflow::cli
