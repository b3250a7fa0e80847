// Runs a checked pipeline over a site. The only entry of the host for the command line.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/environment.hpp"
#include "plugins/host/load/registry.hpp"
#include "plugins/host/pipeline/pipeline.hpp"
#include "plugins/host/run/event.hpp"
#include "plugins/host/run/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace deployflow::run {

/// Load the pipeline's plugins, resolve `uses:` and check every stage's options; `with:` is typed
/// in place. Empty = the pipeline can run. Nothing of a stage has run, no network was touched.
pipeline::Diagnostics prepare(pipeline::Pipeline& pipeline, load::Registry& registry);

struct Request {
  const pipeline::Pipeline* pipeline = nullptr;  // prepared
  load::Registry* registry = nullptr;
  std::string site;  // path of a file or folder, absolute or relative to the working folder; empty:
                     // no stage looks at one
  std::string site_name;   // for people, as the user wrote it: "site/", "standard input"
  std::string single_key;  // key of a site that is one file; empty = the file's own name
  bool dry_run = false;
  const Plan* approved = nullptr;  // what this run may do and nothing else; null = what it finds
  Plan* plan = nullptr;  // where a run that ends well leaves what it planned; null = nowhere
  /// More warnings than this fail the run, before the first stage that writes; nullopt = any
  /// number.
  std::optional<std::uint64_t> max_warnings;
  Environment environment;
  StopToken stop;
  LogLevel log_level = LogLevel::info;  // lines below it are not made
};

/// Returns what was also sent as the last event. Blocks; the calling thread runs the stages.
RunFinished execute(const Request& request, EventSink& sink);

}  // namespace deployflow::run
