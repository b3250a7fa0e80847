#include "plugins/host/store/http_sockets.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace deployflow::store {
namespace {

using std::chrono::milliseconds;

std::uint32_t events_of(int what) {
  std::uint32_t events = 0;
  if ((what & CURL_POLL_IN) != 0) {
    events |= EPOLLIN;
  }
  if ((what & CURL_POLL_OUT) != 0) {
    events |= EPOLLOUT;
  }
  return events;
}

// A connection that broke is told as ready: reading it gives an answer that came before the break,
// and then the reason, where CURL_CSELECT_ERR would end the transfer without either.
int action_of(std::uint32_t events) {
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  int action = 0;
  if (broken || (events & EPOLLIN) != 0) {
    action |= CURL_CSELECT_IN;
  }
  if (broken || (events & EPOLLOUT) != 0) {
    action |= CURL_CSELECT_OUT;
  }
  return action;
}

}  // namespace

HttpSockets::HttpSockets(CURLM* multi) : multi_(multi), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_;
  if (epoll_ < 0 || wake_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    const int reason = errno;
    ::close(wake_);
    ::close(epoll_);
    throw std::system_error(reason, std::generic_category(), "epoll");
  }
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &HttpSockets::socket_callback);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &HttpSockets::timer_callback);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

HttpSockets::~HttpSockets() {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, nullptr);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  ::close(wake_);
  ::close(epoll_);
}

int HttpSockets::socket_callback(
    CURL* /*easy*/, curl_socket_t socket, int what, void* self, void* known) {
  static_cast<HttpSockets*>(self)->watch(socket, what, known != nullptr);
  return 0;
}

int HttpSockets::timer_callback(CURLM* /*multi*/, long milliseconds_left, void* self) {
  auto& due = static_cast<HttpSockets*>(self)->due_;
  if (milliseconds_left < 0) {
    due.reset();
  } else {
    due = std::chrono::steady_clock::now() + milliseconds(milliseconds_left);
  }
  return 0;
}

// A socket that the kernel will not watch (out of memory) ends as a stalled transfer does.
void HttpSockets::watch(curl_socket_t socket, int what, bool known) {
  if (what == CURL_POLL_REMOVE) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
    return;
  }
  epoll_event event{};
  event.events = events_of(what);
  event.data.fd = socket;
  ::epoll_ctl(epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
  if (!known) {
    curl_multi_assign(multi_, socket, this);  // given back as `known` until CURL_POLL_REMOVE
  }
}

void HttpSockets::wake() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake.
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void HttpSockets::poll(milliseconds longest) {
  const int count = ::epoll_wait(
      epoll_, ready_.data(), static_cast<int>(ready_.size()), static_cast<int>(longest.count()));
  ready_count_ = std::max(count, 0);  // a signal came: nothing is ready
}

void HttpSockets::wait(milliseconds longest) {
  if (due_) {
    const auto left = std::chrono::ceil<milliseconds>(*due_ - std::chrono::steady_clock::now());
    longest = std::clamp(left, milliseconds(0), longest);
  }
  poll(longest);
}

void HttpSockets::perform() {
  if (ready_count_ == 0) {
    poll(milliseconds(0));
  }
  int running = 0;
  // What closes a socket of this list leaves its number to another at worst, which then finds
  // nothing to read.
  for (int i = 0; i < ready_count_; ++i) {
    const epoll_event& event = ready_.at(static_cast<std::size_t>(i));
    if (event.data.fd == wake_) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto taken = ::read(wake_, &count, sizeof count);
    } else {
      curl_multi_socket_action(multi_, event.data.fd, action_of(event.events), &running);
    }
  }
  ready_count_ = 0;
  if (due_ && *due_ <= std::chrono::steady_clock::now()) {
    due_.reset();  // libcurl tells the next one in the call
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

}  // namespace deployflow::store
