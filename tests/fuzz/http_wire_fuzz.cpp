// The bytes of a server, through libcurl and the header code into a response. A server on loopback
// answers one request with the input and hangs up.

#include "plugins/host/store/http.hpp"
#include "tests/fuzz/claim.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace deployflow::store {
namespace {

constexpr std::uint64_t k_max_body = 4096;
constexpr std::size_t k_max_headers = 64U << 10;

class Server {
 public:
  Server() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    signal(SIGPIPE, SIG_IGN);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    CLAIM(listener_ >= 0 && bind(listener_, plain, length) == 0 && listen(listener_, 16) == 0);
    CLAIM(getsockname(listener_, plain, &length) == 0);
    port_ = ntohs(address.sin_port);
    std::thread([this] { serve(); }).detach();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  void answer_with(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    answer_ = bytes;
  }

 private:
  // Reads the request to its empty line: closing with unread bytes would be a reset that takes the
  // answer with it.
  static void read_request(int fd) {
    std::string request;
    std::array<char, 2048> piece{};
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = recv(fd, piece.data(), piece.size(), 0);
      if (got <= 0) {
        return;
      }
      request.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

  void serve() {
    for (;;) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) {
        continue;
      }
      read_request(fd);
      std::string bytes;
      {
        const std::lock_guard lock(mutex_);
        bytes = answer_;
      }
      (void)!send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      close(fd);
    }
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;  // guards answer_
  std::string answer_;
};

HttpOutcome ask(HttpEngine& engine, std::uint16_t port, std::string method) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = "http://127.0.0.1:" + std::to_string(port) + "/";
  request.headers = {{"host", "127.0.0.1"}, {"connection", "close"}};
  request.max_body = k_max_body;
  std::mutex mutex;
  std::condition_variable woken;
  std::optional<HttpOutcome> outcome;
  engine.send(std::move(request), [&](HttpOutcome result) {
    const std::lock_guard lock(mutex);
    CLAIM(!outcome);  // once
    outcome.emplace(std::move(result));
    woken.notify_one();
  });
  std::unique_lock lock(mutex);
  woken.wait(lock, [&outcome] { return outcome.has_value(); });
  return std::move(*outcome);
}

void judge(const HttpOutcome& outcome) {
  if (!outcome) {
    CLAIM(!fuzz::has_control(outcome.error().message));
    return;
  }
  const HttpResponse& response = outcome.value();
  CLAIM(response.status >= 100 && response.status <= 999);
  CLAIM(response.body.size() <= k_max_body);
  std::size_t size = 0;
  for (const auto& [name, value] : response.headers) {
    CLAIM(std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
    CLAIM((name + value).find('\n') == std::string::npos);  // libcurl keeps other controls
    CLAIM(value.empty() || (value.front() != ' ' && value.back() != ' '));
    size += name.size() + value.size();
  }
  CLAIM(size <= k_max_headers);
}

}  // namespace
}  // namespace deployflow::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::store;
  static Server server;
  static HttpEngine engine({});
  server.answer_with(deployflow::fuzz::text_of(data, size));
  judge(ask(engine, server.port(), size % 5 == 0 ? "HEAD" : "GET"));
  return 0;
}
