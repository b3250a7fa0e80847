#include "plugins/host/run/farewell.hpp"

#include "plugins/host/run/batch.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace deployflow::run {
namespace {

constexpr auto k_patience = std::chrono::seconds(5);

df_status run_in_time(df_ctx& call, const df_batch& batch) {
  std::mutex mutex;
  std::condition_variable wake;
  bool over = false;
  std::stop_source stop;
  std::thread timer([&] {
    std::unique_lock lock(mutex);
    if (!wake.wait_for(lock, k_patience, [&] { return over; })) {
      stop.request_stop();
    }
  });
  df_status status = DF_INTERNAL;
  {
    const auto targets = call.run().targets.again(stop.get_token());
    status = Batch(call, batch, *targets, stop.get_token()).run();
  }
  {
    const std::lock_guard lock(mutex);
    over = true;
  }
  wake.notify_one();
  timer.join();
  return status;
}

}  // namespace

df_status run_farewell(df_ctx* ctx, const df_batch& batch) noexcept {
  if (ctx == nullptr) {
    return DF_INTERNAL;
  }
  try {
    if (ctx->run().stop.stop_requested()) {
      return run_in_time(*ctx, batch);
    }
    const df_status status = Batch(*ctx, batch).run();
    return status;
  } catch (...) {
    return DF_INTERNAL;  // out of memory: all else is a Result
  }
}

}  // namespace deployflow::run
