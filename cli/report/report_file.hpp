// A report as a file: looked at before anything runs, and there as a whole or not at all.

#pragma once

#include "cli/ui/output.hpp"
#include "plugins/host/base/result.hpp"

#include <functional>
#include <string>

namespace deployflow::cli {

/// Could it be written? Makes and removes a file beside it. Errors: `usage`.
Result<void> check_writable(const std::string& path);

/// Put what `write` writes in the place of `path`. A link is followed; what is no file, such as
/// /dev/stderr, is written to as it comes. Errors: `internal`.
Result<void> write_report_file(const std::string& path, const std::function<void(Output&)>& write);

/// Errors: `internal`.
Result<void> append_to_file(const std::string& path, const std::string& text);

}  // namespace deployflow::cli
