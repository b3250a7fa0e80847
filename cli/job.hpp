// From a command line to what will be run: which pipeline, over which site.

#pragma once

#include "cli/command_line.hpp"
#include "cli/site_argument.hpp"
#include "cli/surroundings.hpp"
#include "cli/ui/reporter.hpp"
#include "plugins/host/load/registry.hpp"
#include "plugins/host/pipeline/pipeline.hpp"

#include <string>
#include <vector>

namespace deployflow::cli {

struct Job {
  pipeline::Pipeline pipeline;  // prepared
  SiteArgument site;
  std::vector<std::string> notes;  // what to tell before it starts
};

/// For push, run and validate: read and check everything that needs no network. No stage has run.
/// Loads plugins into `registry`.
Result<Job, Refusal> make_job(const CommandLine& line,
                              const Surroundings& around,
                              load::Registry& registry);

/// For push and doctor: the pipeline file with its targets, or what --to makes of the command line.
/// Tells in `notes` what it left aside.
Result<pipeline::Pipeline, Refusal> find_pipeline(const CommandLine& line,
                                                  const Surroundings& around,
                                                  std::vector<std::string>& notes);

/// The registry with what --plugin names. Errors: `plugin`, `config`.
Result<load::Registry> make_registry(const CommandLine& line, const Surroundings& around);

/// Read and parse the pipeline file that was named as `path`.
Result<pipeline::Pipeline, Refusal> read_pipeline_argument(const std::string& path,
                                                           const Surroundings& around);

}  // namespace deployflow::cli
