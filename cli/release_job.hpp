// Commands about releases are stages: `deployflow rollback` is a pipeline of the one stage
// `rollback`, over the targets that the pipeline file's uploads store the site in.

#pragma once

#include "cli/command_line.hpp"
#include "cli/ui/reporter.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/pipeline/pipeline.hpp"

#include <string>

namespace deployflow::cli {

/// Does the command look at what targets hold, and at no site?
bool is_about_releases(Command command);

/// The stages of such a command, or of `explain`, in place of those of `pipeline`.
/// Errors: `usage` for words and options that make no sense.
Result<pipeline::Pipeline, Refusal> release_pipeline(const CommandLine& line,
                                                     pipeline::Pipeline pipeline);

/// Let the stages that take a lock wait for it.
void set_wait(pipeline::Pipeline& pipeline, const std::string& wait);

}  // namespace deployflow::cli
