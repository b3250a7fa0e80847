// A code frame: the line that a finding is about, two lines before and after it, and where to put
// the caret. All that is in it is safe to print.

#pragma once

#include "cli/report/sources.hpp"
#include "plugins/host/run/event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace deployflow::cli {

struct Frame {
  std::uint32_t first = 0;         // number of the first line
  std::vector<std::string> lines;  // tabs are spaces; what is longer than the frame is cut, with
                                   // "..." at the cut
  std::size_t marked = 0;          // which of them the finding is about
  std::size_t caret = 0;           // columns before the caret
  std::size_t width = 0;           // of what is marked; 0 = the finding has no column
};

/// At most `columns` (at least 20) wide. nullopt: the finding has no line, or its file none
/// (Sources), or what stands there is not to be shown.
std::optional<Frame> frame_of(const run::Finding& finding, Sources& sources, std::size_t columns);

}  // namespace deployflow::cli
