// What is wrong with where targets keep their state, seen together: nothing of it may be taken for
// a file of a site, and each site has one state, each state one site.

#pragma once

#include "plugins/host/pipeline/diagnostic.hpp"
#include "plugins/host/pipeline/pipeline.hpp"
#include "plugins/host/pipeline/value.hpp"

#include <vector>

namespace deployflow::pipeline {

/// `written`: the map of targets as it stands in the file, for positions. Targets count as of one
/// endpoint only if the file says so alike; what the environment says is not known here.
void check_states(const std::vector<Target>& targets, const Value& written, Diagnostics& out);

}  // namespace deployflow::pipeline
