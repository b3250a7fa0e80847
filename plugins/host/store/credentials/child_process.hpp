// A program that is run for what it prints. No shell; of our descriptors it inherits none.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace deployflow::store {

struct ChildLimits {
  std::chrono::milliseconds timeout{60'000};
  std::size_t output_bytes = 64U << 10;
  StopToken stop;
};

struct ChildOutput {
  int status = 0;  // its exit status; 128 + N if signal N ended it
  std::string out;
};

/// Runs `argv` (not empty; the first is looked up in PATH) with our environment, no input, and its
/// standard error thrown away, since it may hold secrets. Blocking. Past a limit, or at the stop,
/// it is killed. Errors: `auth`, without a subject: "cannot be started: ..."; `cancelled`.
Result<ChildOutput> run_child(const std::vector<std::string>& argv, const ChildLimits& limits);

}  // namespace deployflow::store
