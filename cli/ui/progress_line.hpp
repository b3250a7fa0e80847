// The text of a progress line: "29/42 files  11.2/14.9 MiB  3.1 MiB/s  1 s left  [=====>   ]".
// Pure.

#pragma once

#include "plugins/host/run/event.hpp"

#include <cstddef>
#include <string>

namespace deployflow::cli {

/// For a terminal. `seconds` since the stage began, `columns` that may be used; the bar takes what
/// is left.
std::string bar_text(const run::Progress& progress, double seconds, std::size_t columns);

/// For a log: "28/42 files  10.1/14.9 MiB  (10 s)".
std::string heartbeat_text(const run::Progress& progress, double seconds);

}  // namespace deployflow::cli
