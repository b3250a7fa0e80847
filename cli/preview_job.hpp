// A preview is a deployment into a folder of the target, "previews/NAME/": its own lock, manifest
// and releases, and everything that is known about deployments is true of it.

#pragma once

#include "cli/command_line.hpp"
#include "cli/ui/reporter.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/pipeline/pipeline.hpp"

#include <string>
#include <vector>

namespace deployflow::cli {

/// A name is a folder and could be the label of a host: 1 to 63 of a-z, 0-9 and '-', no '-' at
/// either end. Errors: `usage`, with a name that is like it.
Result<void> check_preview_name(const std::string& name);

/// For push and plan: the same stages, into the preview instead of the site. Replicas are left out,
/// and that is noted; pages ask search engines to stay away; previews that have expired are removed
/// at the end. Without --preview the pipeline as it is. Errors: `usage`.
Result<pipeline::Pipeline, Refusal> preview_pipeline(const CommandLine& line,
                                                     pipeline::Pipeline pipeline,
                                                     std::vector<std::string>& notes);

/// Let these targets of the pipeline mean their preview `name`.
void turn_to_preview(pipeline::Pipeline& pipeline,
                     const std::vector<std::string>& targets,
                     const std::string& name);

/// For `previews`: lists those of the targets, or removes some.
Result<pipeline::Pipeline, Refusal> previews_pipeline(const CommandLine& line,
                                                      pipeline::Pipeline pipeline,
                                                      const std::vector<std::string>& targets);

}  // namespace deployflow::cli
