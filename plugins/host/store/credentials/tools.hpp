// What providers reach the world through. All of it can be replaced, so that a test needs no
// network and no clock.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/time.hpp"
#include "plugins/host/store/http_fetch.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace deployflow::store {

struct ProviderTools {
  Environment environment;
  std::shared_ptr<HttpFetch> http;
  StopToken stop;
  const Clock* clock = &system_clock();
  /// Between two attempts; null = really wait, until `stop`.
  std::function<void(std::chrono::milliseconds)> wait;
  std::function<double()> random;            // in [0, 1); null = a generator of our own
  std::chrono::seconds process_timeout{60};  // of a credential_process
};

/// As AWS's tools do it: 3 attempts, if there was no answer, or 429, 500, 502, 503 or 504; full
/// jitter. Errors: of the last attempt; `cancelled`.
HttpOutcome fetch_patiently(const ProviderTools& tools, const FetchRequest& request);

}  // namespace deployflow::store
