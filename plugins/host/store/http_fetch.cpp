#include "plugins/host/store/http_fetch.hpp"

#include "plugins/host/store/http_transfer.hpp"

#include <curl/curl.h>

#include <functional>
#include <mutex>
#include <new>
#include <stop_token>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::uint64_t k_largest_answer = std::uint64_t{1} << 20U;
constexpr int k_longest_poll_ms = 1000;

struct MultiCleanup {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
using Multi = std::unique_ptr<CURLM, MultiCleanup>;

HttpRequest to_http(const FetchRequest& request, const TlsFiles& tls) {
  HttpRequest out;
  out.method = request.method;
  out.url = request.url;
  out.headers = request.headers;
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    out.body = make_payload(request.body);
  }
  out.max_body = k_largest_answer;
  out.patience = request.timeout;
  out.tls = tls;
  return out;
}

class CurlFetch final : public HttpFetch {
 public:
  explicit CurlFetch(FetchOptions options) : options_(std::move(options)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  }

  HttpOutcome fetch(const FetchRequest& request) override {
    const Multi multi(curl_multi_init());
    if (!multi) {
      throw std::bad_alloc();
    }
    const HttpEngine::Options settings{
        .stop = options_.stop, .connect_timeout = request.connect_timeout, .trace = nullptr};
    HttpTransfer transfer(settings);
    transfer.begin(to_http(request, options_.tls), nullptr);
    curl_easy_setopt(
        transfer.easy(), CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(transfer.easy(), CURLOPT_FORBID_REUSE, 1L);
    if (request.proxy == FetchProxy::none) {
      curl_easy_setopt(transfer.easy(), CURLOPT_NOPROXY, "*");
    }
    if (options_.trace) {
      options_.trace(trace_request(transfer.request()));
    }
    curl_multi_add_handle(multi.get(), transfer.easy());
    const auto began = std::chrono::steady_clock::now();
    HttpOutcome out = wait(multi.get(), transfer);
    curl_multi_remove_handle(multi.get(), transfer.easy());
    if (options_.trace) {
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
      options_.trace(trace_outcome(transfer.request(), out, took.count()));
    }
    return out;
  }

 private:
  HttpOutcome wait(CURLM* multi, HttpTransfer& transfer) const {
    const std::stop_callback wake(options_.stop, [multi] { curl_multi_wakeup(multi); });
    for (;;) {
      if (options_.stop.stop_requested()) {
        return HttpFailure{cancelled_error(), false};
      }
      int running = 0;
      const CURLMcode code = curl_multi_perform(multi, &running);
      if (code != CURLM_OK) {
        return HttpFailure{{Errc::internal, curl_multi_strerror(code)}, false};
      }
      int left = 0;
      if (const CURLMsg* message = curl_multi_info_read(multi, &left);
          message != nullptr && message->msg == CURLMSG_DONE) {
        return transfer.outcome(message->data.result);
      }
      curl_multi_poll(multi, nullptr, 0, k_longest_poll_ms, nullptr);
    }
  }

  FetchOptions options_;
};

}  // namespace

std::shared_ptr<HttpFetch> make_http_fetch(FetchOptions options) {
  return std::make_shared<CurlFetch>(std::move(options));
}

}  // namespace deployflow::store
