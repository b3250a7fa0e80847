#include "plugins/host/store/web_client.hpp"

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/store/public_address.hpp"
#include "plugins/host/store/retry_after.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace deployflow::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_first_delay{500};

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_permanent(int status) {
  return status == 301 || status == 308;
}

bool asks_to_wait(int status) {
  return status == 429 || status == 503;
}

// Nobody will connect to another address of that origin either.
bool is_of_the_host(HttpCause cause) {
  return cause == HttpCause::unresolved || cause == HttpCause::refused ||
         cause == HttpCause::unreachable || cause == HttpCause::not_public;
}

HttpFailure cancelled_failure() {
  return {cancelled_error(), false};
}

}  // namespace

struct WebClient::Task {
  std::string method;
  WebUrl url;  // of this hop
  std::function<void(WebOutcome)> done;
  std::vector<std::string> seen;  // URLs of earlier hops
  std::string moved_to;
  bool is_moved = true;  // no hop yet that was not permanent
  std::uint32_t attempts = 0;
  std::uint32_t requests = 0;
};

struct WebClient::Lane {
  std::deque<TaskPtr> waiting;
  std::uint32_t active = 0;
  std::chrono::steady_clock::time_point next{};  // not before
  bool has_timer = false;
};

WebClient::WebClient(Send send, Loop& loop, WebLimits limits, Proxy proxy)
    : send_(std::move(send)), loop_(loop), limits_(limits), proxy_(std::move(proxy)) {}

WebClient::~WebClient() = default;

void WebClient::submit(std::string method,
                       std::string_view url,
                       std::function<void(WebOutcome)> done) {
  auto task = std::make_shared<Task>();
  task->method = std::move(method);
  task->done = std::move(done);
  auto parsed = parse_web_url(url);
  if (!parsed) {
    WebFailure failure{{Errc::input, fmt::format("{}: no http address", printable(url))}};
    failure.is_lost_way = true;
    return finish(task, std::move(failure));
  }
  task->url = std::move(*parsed);
  queue(task);
  pump();
}

void WebClient::queue(const TaskPtr& task) {
  if (limits_.reach == Reach::public_only && !may_be_public(task->url.host)) {
    // Also for the sake of a proxy, which connects where we cannot look.
    HttpFailure failure{
        {Errc::network, fmt::format("{}: not of the internet", printable(task->url.origin))}};
    failure.cause = HttpCause::not_public;
    dead_.try_emplace(task->url.origin, std::move(failure));
  }
  lanes_[task->url.host].waiting.push_back(task);
}

// In front of what waits for the same host, all of which waits with it.
void WebClient::again(const TaskPtr& task, milliseconds delay) {
  Lane& lane = lanes_[task->url.host];
  lane.next = std::max(lane.next, loop_.now() + delay);
  lane.waiting.push_front(task);
}

void WebClient::pump() {
  for (auto& [host, lane] : lanes_) {
    pump(lane);
  }
}

void WebClient::pump(Lane& lane) {
  while (!lane.waiting.empty()) {
    const TaskPtr task = lane.waiting.front();
    const auto dead = dead_.find(task->url.origin);
    if (loop_.cancelled() || dead != dead_.end()) {
      lane.waiting.pop_front();
      HttpFailure failure = loop_.cancelled() ? cancelled_failure() : dead->second;
      // Not here: what it was for may submit the next one.
      loop_.post([task, failure = std::move(failure)] {
        finish(task, {failure, failure.cause, false, 0});
      });
      continue;
    }
    if (lane.active >= limits_.per_host || in_flight_ >= limits_.in_flight) {
      return;
    }
    const auto now = loop_.now();
    if (now < lane.next) {
      if (!std::exchange(lane.has_timer, true)) {
        loop_.after(std::chrono::ceil<milliseconds>(lane.next - now), [this, &lane] {
          lane.has_timer = false;
          pump();
        });
      }
      return;
    }
    lane.waiting.pop_front();
    lane.next = now + limits_.gap;
    start(lane, task);
  }
}

void WebClient::start(Lane& lane, const TaskPtr& task) {
  ++lane.active;
  ++in_flight_;
  ++task->attempts;
  ++task->requests;
  HttpRequest request;
  request.method = task->method;
  request.url = task->url.text;
  request.headers = {{"accept", "*/*"}};
  request.time_limit = limits_.timeout;
  request.patience = limits_.timeout;
  request.head_is_enough = true;
  request.reach = limits_.reach;
  if (limits_.reach == Reach::public_only && proxy_) {
    // With it no_proxy does not count: what that lists is not of the internet.
    request.proxy = proxy_(task->url.scheme);
  }
  send_(std::move(request),
        [this, task](HttpOutcome outcome) { on_outcome(task, std::move(outcome)); });
}

void WebClient::on_outcome(const TaskPtr& task, HttpOutcome outcome) {
  Lane& lane = lanes_[task->url.host];
  --lane.active;
  --in_flight_;
  if (outcome.ok()) {
    on_answer(task, *outcome);
  } else {
    on_failure(task, std::move(outcome.error()));
  }
  pump();
}

void WebClient::on_answer(const TaskPtr& task, const HttpResponse& answer) {
  if (asks_to_wait(answer.status) && task->attempts < limits_.attempts) {
    const milliseconds wish =
        std::max(retry_after_of(answer).value_or(milliseconds(0)), k_first_delay * task->attempts);
    if (wish <= limits_.longest_wish) {
      return again(task, wish);
    }
  }
  if (const std::string* location = answer.header("location");
      location != nullptr && is_redirect(answer.status)) {
    return follow(task, answer.status, *location);
  }
  task->done(WebAnswer{.status = answer.status,
                       .url = task->url.text,
                       .moved_to = task->moved_to,
                       .requests = task->requests});
}

void WebClient::follow(const TaskPtr& task, int status, std::string_view location) {
  const auto lost = [&](std::string why) {
    WebFailure failure{{Errc::remote, std::move(why)}};
    failure.is_lost_way = true;
    finish(task, std::move(failure));
  };
  auto next = follow_location(task->url, location);
  if (!next) {
    return lost("it redirects to what is no http address");
  }
  task->seen.push_back(std::move(task->url.text));
  task->url = std::move(*next);
  if (std::find(task->seen.begin(), task->seen.end(), task->url.text) != task->seen.end()) {
    return lost("it redirects in a circle");
  }
  if (task->seen.size() > limits_.redirects) {
    return lost(fmt::format("it redirects more than {} times", limits_.redirects));
  }
  task->is_moved = task->is_moved && is_permanent(status);
  if (task->is_moved) {
    task->moved_to = task->url.text;
  }
  task->attempts = 0;
  queue(task);
}

void WebClient::on_failure(const TaskPtr& task, HttpFailure failure) {
  const bool may_pass = failure.transient && failure.cause != HttpCause::timeout;
  if (may_pass && task->attempts < limits_.attempts && !loop_.cancelled()) {
    return again(task, k_first_delay * task->attempts);
  }
  if (is_of_the_host(failure.cause)) {
    dead_.try_emplace(task->url.origin, failure);
  }
  const HttpCause cause = failure.cause;
  finish(task, {std::move(failure), cause, false, 0});
}

void WebClient::finish(const TaskPtr& task, WebFailure failure) {
  failure.requests = task->requests;
  task->done(std::move(failure));
}

WebClient::Proxy proxy_of(std::function<std::optional<std::string>(std::string_view)> environment) {
  return [environment = std::move(environment)](std::
                                                    string_view
                                                        scheme) -> std::
                                                                    string {
                                                                      if (!environment) {
                                                                        return {};
                                                                      }
                                                                      for (const std::string_view
                                                                               off : {"no_proxy",
                                                                                      "NO_PROXY"}) {
                                                                        if (environment(off) ==
                                                                            "*") {
                                                                          return {};
                                                                        }
                                                                      }
                                                                      // The variable in capitals is
                                                                      // not read for http: a
                                                                      // request to a CGI program
                                                                      // can set it.
                                                                      const std::array<std::string_view, 4> names =
        scheme == "https"
            ? std::array<std::string_view, 4>{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}
            : std::array<std::string_view, 4>{"http_proxy", "all_proxy", "ALL_PROXY", "ALL_PROXY"};
                                                                      for (const std::string_view
                                                                               name : names) {
                                                                        if (auto value =
                                                                                environment(name);
                                                                            value &&
                                                                            !value->empty()) {
                                                                          return std::move(*value);
                                                                        }
                                                                      }
                                                                      return {};
                                                                    };
}

}  // namespace deployflow::store
