#include "plugins/host/run/web_batch.hpp"

#include "plugins/host/load/status.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace deployflow::run {
namespace {

using std::chrono::milliseconds;
using store::HttpCause;

constexpr std::size_t k_window = 1024;  // requests that are given; most of them wait for their host
constexpr std::uint32_t k_most_per_host = 16;
constexpr auto k_longest_connect = milliseconds(10'000);

store::WebLimits limits_of(const df_web_batch& batch) {
  store::WebLimits limits;
  const auto given = [](std::uint32_t value, auto& out) {
    if (value != 0) {
      out = std::remove_reference_t<decltype(out)>(value);
    }
  };
  given(std::min(batch.per_host, k_most_per_host), limits.per_host);
  given(batch.gap_ms, limits.gap);
  given(batch.redirects, limits.redirects);
  given(batch.attempts, limits.attempts);
  given(batch.timeout_ms, limits.timeout);
  limits.reach =
      (batch.flags & DF_WEB_ANYWHERE) != 0 ? store::Reach::anywhere : store::Reach::public_only;
  return limits;
}

std::int32_t trouble_of(const store::WebFailure& failure) {
  if (failure.is_lost_way) {
    return failure.requests == 0 ? DF_WEB_BAD_URL : DF_WEB_REDIRECTS;
  }
  switch (failure.cause) {
    case HttpCause::unresolved:
      return DF_WEB_UNRESOLVED;
    case HttpCause::refused:
      return DF_WEB_REFUSED;
    case HttpCause::unreachable:
      return DF_WEB_UNREACHABLE;
    case HttpCause::tls:
      return DF_WEB_TLS;
    case HttpCause::timeout:
      return DF_WEB_TIMEOUT;
    case HttpCause::closed:
      return DF_WEB_CLOSED;
    case HttpCause::not_public:
      return DF_WEB_NOT_PUBLIC;
    case HttpCause::other:
      break;
  }
  return DF_WEB_OTHER;
}

df_status table_batch(df_ctx* ctx, const df_web_batch* batch) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    if (batch == nullptr || batch->struct_size < sizeof *batch) {
      return DF_INTERNAL;
    }
    if (!c.has(DF_CAP_WEB)) {
      return c.fail({Errc::plugin,
                     "the stage asks the web without DF_CAP_WEB",
                     "report it to the plugin's author"},
                    "host/capability"),
             DF_DENIED;
    }
    return WebBatch(c, *batch).run();
  });
}

}  // namespace

WebBatch::WebBatch(df_ctx& call, const df_web_batch& batch) : call_(call), batch_(batch) {
  const store::WebLimits limits = limits_of(batch);
  store::HttpEngine::Options options;
  options.stop = call.run().stop;
  options.user_agent = "deployflow/" DEPLOYFLOW_VERSION " (link check)";
  options.connect_timeout = std::min(k_longest_connect, limits.timeout);
  options.trace = [&events = call.run().events](std::string_view line) {
    events.log(LogLevel::trace, "http", std::string(line));
  };
  engine_.emplace(std::move(options));
  client_.emplace(
      [this](store::HttpRequest request, std::function<void(store::HttpOutcome)> done) {
        engine_->send(std::move(request), std::move(done));
      },
      *engine_,
      limits,
      store::proxy_of(call.run().environment));
}

df_status WebBatch::run() {
  df_status ended = DF_OK;
  bool more = true;
  for (;;) {
    while (more && in_flight_ < k_window) {
      if (call_.run().stop.stop_requested()) {
        ended = DF_CANCELLED;
        more = false;
        break;
      }
      const df_status status = pull();
      if (status == DF_AGAIN) {
        if (in_flight_ == 0) {
          return call_.fail({Errc::plugin,
                             "next() waits for a result, but no request is in flight",
                             "report it to the plugin's author"},
                            "host/batch");
        }
        break;
      }
      if (status != DF_OK) {
        more = false;
        ended = status == DF_NOT_FOUND ? DF_OK : status;
      }
    }
    if (in_flight_ == 0) {
      return call_.run().stop.stop_requested() ? DF_CANCELLED : ended;
    }
    const Finished finished = wait();
    --in_flight_;
    deliver(finished);
  }
}

df_status WebBatch::pull() {
  df_web_request request{};
  request.struct_size = sizeof request;
  const df_status status = batch_.next(batch_.user, &request);
  if (status == DF_OK) {
    ++in_flight_;
    engine_->post([this,
                   tag = request.tag,
                   method = std::string(request.method == DF_WEB_GET ? "GET" : "HEAD"),
                   url = std::string(view(request.url))] {
      client_->submit(method, url, [this, tag](store::WebOutcome outcome) {
        const std::lock_guard lock(mutex_);
        finished_.push_back({tag, std::move(outcome)});
        wake_.notify_one();  // under the lock: the waiter may destroy this as soon as it has it
      });
    });
  }
  return status;
}

WebBatch::Finished WebBatch::wait() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return !finished_.empty(); });
  Finished finished = std::move(finished_.front());
  finished_.pop_front();
  return finished;
}

void WebBatch::deliver(const Finished& finished) {
  df_web_result result{};
  result.struct_size = sizeof result;
  result.tag = finished.tag;
  if (finished.outcome.ok()) {
    const store::WebAnswer& answer = finished.outcome.value();
    result.http_status = answer.status;
    result.requests = answer.requests;
    result.url = lend(answer.url);
    result.moved_to = answer.moved_to.empty() ? df_str{} : lend(answer.moved_to);
  } else {
    const store::WebFailure& failure = finished.outcome.error();
    result.status =
        failure.cause == HttpCause::timeout ? DF_TIMEOUT : load::to_status(failure.code);
    result.trouble = failure.code == Errc::cancelled ? 0 : trouble_of(failure);
    result.requests = failure.requests;
    result.message = lend(failure.message);
  }
  batch_.done(batch_.user, &result);
}

const df_web& web_table() {
  static const df_web table = [] {
    df_web t{};
    t.struct_size = sizeof t;
    t.batch = table_batch;
    return t;
  }();
  return table;
}

}  // namespace deployflow::run
