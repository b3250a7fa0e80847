// Which targets of a pipeline a command is about.

#pragma once

#include "cli/command_line.hpp"
#include "cli/ui/reporter.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/pipeline/pipeline.hpp"
#include "plugins/host/store/target.hpp"

#include <string>
#include <vector>

namespace deployflow::cli {

/// The target called `wanted`; all of them, at least one, if that is empty. Errors: `usage`.
Result<std::vector<store::TargetConfig>, Refusal> choose_targets(const CommandLine& line,
                                                                 const pipeline::Pipeline& pipeline,
                                                                 const std::string& wanted);

}  // namespace deployflow::cli
