// Asks whether addresses of the web answer, for whoever checks links: no credentials, no cookies,
// no body kept; redirects followed, each hop looked at anew; gently.
//
// A host gets few requests at a time, with a pause between them. When it asks to be left alone (429
// or 503 with Retry-After), all that waits for it waits. A host that nobody can connect to is not
// tried again for the next address: a dead one with a thousand links would cost hours.
//
// Everything happens on the loop.

#pragma once

#include "plugins/host/store/http.hpp"
#include "plugins/host/store/http_url.hpp"
#include "plugins/host/store/loop.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::store {

struct WebLimits {
  std::uint32_t per_host = 2;                      // requests at a time
  std::uint32_t in_flight = 32;                    // of all hosts
  std::chrono::milliseconds gap{100};              // between the starts of two at one host
  std::uint32_t redirects = 10;                    // hops of one address
  std::uint32_t attempts = 3;                      // of one hop
  std::chrono::milliseconds timeout{20'000};       // of one attempt
  std::chrono::milliseconds longest_wish{30'000};  // of a Retry-After; who asks for more is let be
  Reach reach = Reach::public_only;
};

struct WebAnswer {
  int status = 0;
  std::string url;       // that gave it, after redirects
  std::string moved_to;  // where permanent redirects lead, up to the first that is not; or empty
  std::uint32_t requests = 0;
};

struct WebFailure : Error {
  HttpCause cause = HttpCause::other;
  bool is_lost_way = false;  // too many redirects, in a circle, or to what is no http address
  std::uint32_t requests = 0;
};

using WebOutcome = Result<WebAnswer, WebFailure>;

class WebClient {
 public:
  using Send = std::function<void(HttpRequest, std::function<void(HttpOutcome)>)>;
  /// The proxy for a scheme; empty = none.
  using Proxy = std::function<std::string(std::string_view scheme)>;

  /// `send` is that of an HttpEngine, whose Loop is `loop`. Destroy the engine first.
  WebClient(Send send, Loop& loop, WebLimits limits, Proxy proxy);
  ~WebClient();
  WebClient(const WebClient&) = delete;
  WebClient& operator=(const WebClient&) = delete;

  /// `method`: "HEAD" or "GET", also after a redirect. `done` runs once.
  void submit(std::string method, std::string_view url, std::function<void(WebOutcome)> done);

 private:
  struct Task;
  using TaskPtr = std::shared_ptr<Task>;
  struct Lane;

  void queue(const TaskPtr& task);
  void again(const TaskPtr& task, std::chrono::milliseconds delay);
  void pump();
  void pump(Lane& lane);
  void start(Lane& lane, const TaskPtr& task);
  void on_outcome(const TaskPtr& task, HttpOutcome outcome);
  void on_answer(const TaskPtr& task, const HttpResponse& answer);
  void on_failure(const TaskPtr& task, HttpFailure failure);
  void follow(const TaskPtr& task, int status, std::string_view location);
  static void finish(const TaskPtr& task, WebFailure failure);

  Send send_;
  Loop& loop_;
  WebLimits limits_;
  Proxy proxy_;
  std::map<std::string, Lane> lanes_;        // by host
  std::map<std::string, HttpFailure> dead_;  // by origin: why nobody can connect
  std::uint32_t in_flight_ = 0;
};

/// As libcurl reads them: http_proxy, https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY; none at all
/// with no_proxy=*.
WebClient::Proxy proxy_of(std::function<std::optional<std::string>(std::string_view)> environment);

}  // namespace deployflow::store
