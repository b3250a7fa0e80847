// The last lines of a run: what was done, or what state the live site is in. Pure.

#pragma once

#include "cli/ui/line_printer.hpp"
#include "plugins/host/run/event.hpp"

#include <cstdint>
#include <vector>

namespace deployflow::cli {

enum class ErrorSaid : std::uint8_t { no, yes };

/// `said`: has the run's error been shown as a finding?
std::vector<Line> closing_lines(const run::RunFinished& finished, ErrorSaid said);

/// Is the run's error only a summary of error findings, which say more?
bool is_told_by_findings(const run::RunFinished& finished);

/// One word for all targets: `current` only if all are; `changing` if any visitor may see a mix or
/// one target is ahead of another; else the furthest.
run::SiteState live_site(const run::RunFinished& finished);

}  // namespace deployflow::cli
