// Looks at a target as a deployment would use it: what is configured, what answers, what works.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/environment.hpp"
#include "plugins/host/store/probe/row.hpp"
#include "plugins/host/store/target.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace deployflow::store {

struct DoctorOptions {
  std::string run_id;  // of the scratch prefix ".deployflow/doctor-<run id>/"
  StopToken stop;
  std::function<void(std::string_view)> trace;  // as EngineOptions::trace; called on another thread
};

/// Gives `sink` a row for each thing looked at: what is configured, then the probes, which write
/// under the scratch prefix, then the cleaning, which is done also after the stop. Blocking.
void examine(const TargetConfig& config,
             const Environment& environment,
             const DoctorOptions& options,
             const RowSink& sink);

}  // namespace deployflow::store
