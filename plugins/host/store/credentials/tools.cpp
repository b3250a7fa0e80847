#include "plugins/host/store/credentials/tools.hpp"

#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::uint32_t k_attempts = 3;
constexpr std::chrono::milliseconds k_first_ceiling{1'000};

double own_random() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

void wait_or_stop(const ProviderTools& tools, std::chrono::milliseconds delay) {
  if (tools.wait) {
    tools.wait(delay);
    return;
  }
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, tools.stop, delay, [] { return false; });
}

bool is_worth_repeating(const HttpOutcome& outcome) {
  if (!outcome.ok()) {
    return outcome.error().transient;
  }
  const int status = outcome->status;
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

}  // namespace

HttpOutcome fetch_patiently(const ProviderTools& tools, const FetchRequest& request) {
  auto ceiling = k_first_ceiling;
  for (std::uint32_t attempt = 1;; ++attempt) {
    HttpOutcome outcome = tools.http->fetch(request);
    if (attempt == k_attempts || !is_worth_repeating(outcome)) {
      return outcome;
    }
    const double part = tools.random ? tools.random() : own_random();
    wait_or_stop(tools,
                 std::chrono::milliseconds(
                     static_cast<std::int64_t>(part * static_cast<double>(ceiling.count()))));
    if (tools.stop.stop_requested()) {
      return HttpFailure{cancelled_error(), false};
    }
    ceiling *= 2;
  }
}

}  // namespace deployflow::store
