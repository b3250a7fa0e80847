// A few lines of HTTP server on loopback, scripted answer by answer; one thread, one connection at
// a time unless told otherwise.

#pragma once

#include "plugins/host/base/file.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace deployflow::store {

struct SeenRequest {
  std::string head;  // request line and headers, as received
  std::string body;
  int connection = 0;  // which one, from 1
};

/// What to do with one request: bytes to send as they are, then perhaps the end of the connection.
struct ServerAnswer {
  std::string bytes;
  enum class Then : std::uint8_t { keep, close, reset, hang } then = Then::keep;
  bool before_body = false;  // act when the head is there, the body unread
};

class LoopbackServer {
 public:
  using Script = std::function<ServerAnswer(const SeenRequest& request, std::size_t number)>;

  explicit LoopbackServer(Script script);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::vector<SeenRequest> seen();
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void serve();
  void talk(int socket);

  Script script_;
  Fd listening_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  // guards seen_ and open_
  std::vector<SeenRequest> seen_;
  std::vector<std::thread> talks_;
  std::vector<int> open_;
  std::thread thread_;
};

/// "HTTP/1.1 200 OK" with Content-Length.
std::string ok_answer(std::string_view body, std::string_view headers = {});
std::string answer(std::string_view status, std::string_view body, std::string_view headers = {});

}  // namespace deployflow::store
