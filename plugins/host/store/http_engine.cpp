#include "plugins/host/store/http.hpp"
#include "plugins/host/store/http_sockets.hpp"
#include "plugins/host/store/http_transfer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace deployflow::store {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr long k_kept_connections = 256;
constexpr auto k_stall_check = std::chrono::milliseconds(500);
constexpr std::size_t k_idle_handles = 64;

HttpFailure cancelled_failure() {
  return {cancelled_error(), false};
}

// Before 8.1.1 a handle that is used again keeps a pointer to a freed header, and writes there when
// the first header of an answer is a folded line: any server could make it (curl issue 11101;
// Debian 12 has 7.88). Connections are the multi handle's, so a fresh handle costs some
// microseconds and no connect.
bool can_reuse_handles() {
  static const bool can = curl_version_info(CURLVERSION_NOW)->version_num >= 0x080101;
  return can;
}

}  // namespace

class HttpEngine::Impl {
 public:
  explicit Impl(Options options);
  ~Impl();

  void send(HttpRequest request, std::function<void(HttpOutcome)> done);
  void post(std::function<void()> task);
  void after(std::chrono::milliseconds delay, std::function<void()> task);
  [[nodiscard]] bool cancelled() const { return stopping_ || options_.stop.stop_requested(); }
  [[nodiscard]] bool on_loop() const { return std::this_thread::get_id() == loop_id_; }

 private:
  void run();
  bool run_posted();
  void run_timers();
  void start(HttpRequest request, std::function<void(HttpOutcome)> done);
  void finish(HttpTransfer* transfer, HttpOutcome outcome);
  bool take_completions();
  void fail_stalled();
  void cancel_everything();
  void sleep();
  void wake();
  std::unique_ptr<HttpTransfer> take_handle();

  Options options_;
  CURLM* multi_;
  std::optional<HttpSockets> sockets_;
  std::atomic<bool> stopping_ = false;

  // Of the loop's thread alone.
  std::vector<std::unique_ptr<HttpTransfer>> active_;
  std::vector<std::unique_ptr<HttpTransfer>> idle_;
  std::multimap<SteadyTime, std::function<void()>> timers_;
  SteadyTime next_stall_check_{};
  std::vector<std::function<void()>> running_;  // tasks of this turn; keeps its capacity
  bool in_curl_ = false;  // a callback of libcurl runs: handles must not be touched

  std::mutex mutex_;  // guards what follows
  std::vector<std::function<void()>> posted_;
  bool asleep_ = false;  // or about to; the first to post wakes, the others need not

  std::thread::id loop_id_;
  std::thread thread_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

HttpEngine::Impl::Impl(Options options) : options_(std::move(options)) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  multi_ = curl_multi_init();
  if (multi_ == nullptr) {
    throw std::bad_alloc();
  }
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, k_kept_connections);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  sockets_.emplace(multi_);
  {
    const std::lock_guard lock(
        mutex_);  // the thread takes it first: loop_id_ is set before it runs a task
    thread_ = std::thread([this] { run(); });
    loop_id_ = thread_.get_id();
  }
  on_stop_.emplace(options_.stop, [this] { wake(); });
}

HttpEngine::Impl::~Impl() {
  on_stop_.reset();
  stopping_ = true;
  wake();
  thread_.join();
  active_.clear();
  idle_.clear();
  sockets_.reset();
  curl_multi_cleanup(multi_);
}

void HttpEngine::Impl::wake() {
  const std::lock_guard lock(mutex_);
  asleep_ = false;
  sockets_->wake();
}

void HttpEngine::Impl::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(task));
  if (asleep_) {
    asleep_ = false;
    sockets_->wake();
  }
}

void HttpEngine::Impl::after(std::chrono::milliseconds delay, std::function<void()> task) {
  const SteadyTime due = std::chrono::steady_clock::now() + delay;
  if (on_loop()) {
    timers_.emplace(due, std::move(task));
    return;
  }
  post([this, due, task = std::move(task)]() mutable { timers_.emplace(due, std::move(task)); });
}

void HttpEngine::Impl::send(HttpRequest request, std::function<void(HttpOutcome)> done) {
  if (on_loop() && !in_curl_ && !cancelled()) {
    start(std::move(request), std::move(done));
    return;
  }
  // std::function wants a copyable task; the request moves in once.
  auto shared = std::make_shared<HttpRequest>(std::move(request));
  post([this, shared, done = std::move(done)]() mutable {
    if (cancelled()) {
      done(cancelled_failure());
      return;
    }
    start(std::move(*shared), std::move(done));
  });
}

std::unique_ptr<HttpTransfer> HttpEngine::Impl::take_handle() {
  if (idle_.empty()) {
    return std::make_unique<HttpTransfer>(options_);
  }
  auto transfer = std::move(idle_.back());
  idle_.pop_back();
  return transfer;
}

void HttpEngine::Impl::start(HttpRequest request, std::function<void(HttpOutcome)> done) {
  if (options_.trace) {
    options_.trace(trace_request(request));
  }
  auto transfer = take_handle();
  transfer->begin(std::move(request), std::move(done));
  transfer->index = active_.size();
  curl_multi_add_handle(multi_, transfer->easy());
  active_.push_back(std::move(transfer));
}

void HttpEngine::Impl::finish(HttpTransfer* transfer, HttpOutcome outcome) {
  curl_multi_remove_handle(multi_, transfer->easy());
  const std::size_t index = transfer->index;
  std::unique_ptr<HttpTransfer> owned = std::move(active_[index]);
  if (index + 1 != active_.size()) {
    active_[index] = std::move(active_.back());
    active_[index]->index = index;
  }
  active_.pop_back();
  if (options_.trace) {
    const std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - transfer->response().sent;
    options_.trace(trace_outcome(transfer->request(), outcome, took.count()));
  }
  // A handle that was given files for TLS keeps them: not for a request that has none.
  const bool reusable =
      can_reuse_handles() && transfer->request().tls.none() && idle_.size() < k_idle_handles;
  auto done = owned->release();
  if (reusable) {
    idle_.push_back(std::move(owned));
  }
  done(std::move(outcome));
}

bool HttpEngine::Impl::take_completions() {
  bool any = false;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) {
      continue;
    }
    any = true;
    const CURLcode code = message->data.result;  // the message dies with the removal of its handle
    HttpTransfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    finish(transfer, transfer->outcome(code));
  }
  return any;
}

bool HttpEngine::Impl::run_posted() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(posted_);
  }
  if (running_.empty()) {
    return false;
  }
  for (auto& task : running_) {
    task();
    task = nullptr;  // what it holds is freed in order, not at the end of the turn
  }
  running_.clear();
  return true;
}

void HttpEngine::Impl::run_timers() {
  if (timers_.empty()) {
    return;
  }
  // Those that a task sets anew wait for the next turn, or a cancelled loop would never leave this
  // one.
  const SteadyTime limit = cancelled() ? SteadyTime::max() : std::chrono::steady_clock::now();
  std::vector<std::function<void()>> due;
  while (!timers_.empty() && timers_.begin()->first <= limit) {
    due.push_back(std::move(timers_.begin()->second));
    timers_.erase(timers_.begin());
  }
  for (const auto& task : due) {
    task();
  }
}

void HttpEngine::Impl::fail_stalled() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now < next_stall_check_) {
    return;
  }
  next_stall_check_ = now + k_stall_check;
  std::vector<HttpTransfer*> stalled;  // finishing changes active_
  for (const auto& transfer : active_) {
    if (transfer->is_stalled(now)) {
      stalled.push_back(transfer.get());
    }
  }
  for (HttpTransfer* transfer : stalled) {
    finish(transfer, transfer->stall_failure());
  }
}

void HttpEngine::Impl::cancel_everything() {
  while (!active_.empty()) {
    finish(active_.back().get(), cancelled_failure());
  }
}

void HttpEngine::Impl::sleep() {
  {
    const std::lock_guard lock(mutex_);
    if (!posted_.empty()) {
      return;
    }
    asleep_ = true;
  }
  auto wait = std::chrono::milliseconds(active_.empty() ? 10'000 : 500);
  if (!timers_.empty()) {
    const auto due = std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first -
                                                                  std::chrono::steady_clock::now());
    wait = std::clamp(due, std::chrono::milliseconds(0), wait);
  }
  // A wake-up sent before the wait begins is not lost.
  if (!stopping_) {
    sockets_->wait(wait);
  }
  const std::lock_guard lock(mutex_);
  asleep_ = false;
}

void HttpEngine::Impl::run() {
  { const std::lock_guard lock(mutex_); }  // wait for the constructor to note our id
  for (;;) {
    bool busy = run_posted();
    run_timers();
    if (cancelled()) {
      cancel_everything();
    }
    in_curl_ = true;
    sockets_->perform();
    in_curl_ = false;
    busy = take_completions() || busy;
    if (busy) {
      continue;
    }
    fail_stalled();
    if (stopping_ && active_.empty() && timers_.empty()) {
      const std::lock_guard lock(mutex_);
      if (posted_.empty()) {
        return;
      }
      continue;
    }
    sleep();
  }
}

HttpEngine::HttpEngine(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpEngine::~HttpEngine() = default;

void HttpEngine::send(HttpRequest request, std::function<void(HttpOutcome)> done) {
  impl_->send(std::move(request), std::move(done));
}
bool HttpEngine::on_loop() const {
  return impl_->on_loop();
}
void HttpEngine::post(std::function<void()> task) {
  impl_->post(std::move(task));
}
void HttpEngine::after(std::chrono::milliseconds delay, std::function<void()> task) {
  impl_->after(delay, std::move(task));
}
bool HttpEngine::cancelled() const {
  return impl_->cancelled();
}

}  // namespace deployflow::store
