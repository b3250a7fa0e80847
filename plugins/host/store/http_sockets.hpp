// Which of a multi handle's sockets have something to do, told by epoll.
//
// curl_multi_perform() asks the kernel about every transfer in flight at every turn: with 32 of
// them, 32 calls of poll() for each request (measured: 15 % of the CPU of a deployment). Here only
// the transfers whose socket is ready, or whose time has come, are touched; hundreds in flight cost
// what one costs. Interface: curl_multi_socket_action(3).

#pragma once

#include <curl/curl.h>
#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <optional>

namespace deployflow::store {

class HttpSockets {
 public:
  /// Takes over `multi`'s socket and timer callbacks; `multi` outlives it.
  /// Throws std::system_error: no file descriptor left.
  explicit HttpSockets(CURLM* multi);
  ~HttpSockets();
  HttpSockets(const HttpSockets&) = delete;
  HttpSockets& operator=(const HttpSockets&) = delete;

  /// Until a socket is ready, libcurl's own time has come, wake() was called or `longest` is over.
  void wait(std::chrono::milliseconds longest);
  /// libcurl acts on what is ready now. Its callbacks run in here.
  void perform();
  /// Any thread. Ends wait(), the next one if none is under way.
  void wake();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  static int socket_callback(CURL*, curl_socket_t socket, int what, void* self, void* known);
  static int timer_callback(CURLM*, long milliseconds, void* self);
  void poll(std::chrono::milliseconds longest);
  void watch(curl_socket_t socket, int what, bool known);

  CURLM* multi_;
  int epoll_ = -1;
  int wake_ = -1;                  // eventfd
  std::optional<SteadyTime> due_;  // when libcurl wants to be called without a socket
  std::array<epoll_event, 64> ready_{};
  int ready_count_ = 0;
};

}  // namespace deployflow::store
