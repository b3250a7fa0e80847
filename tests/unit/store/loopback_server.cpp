#include "tests/unit/store/loopback_server.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace deployflow::store {
namespace {

std::size_t content_length(std::string_view head) {
  const std::size_t at = head.find("Content-Length: ");
  std::size_t length = 0;
  if (at != std::string_view::npos) {
    std::from_chars(head.data() + at + 16, head.data() + head.size(), length);
  }
  return length;
}

// Reads more into `buffer`; false at the end of the connection.
bool receive(int socket, std::string& buffer) {
  char piece[65536];
  const ssize_t got = ::recv(socket, piece, sizeof piece, 0);
  if (got <= 0) {
    return false;
  }
  buffer.append(piece, static_cast<std::size_t>(got));
  return true;
}

}  // namespace

LoopbackServer::LoopbackServer(Script script)
    : script_(std::move(script)), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(listening_.get(), generic, size) == 0);
  REQUIRE(::listen(listening_.get(), 64) == 0);
  REQUIRE(::getsockname(listening_.get(), generic, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

LoopbackServer::~LoopbackServer() {
  stopping_ = true;
  ::shutdown(listening_.get(), SHUT_RDWR);
  thread_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : open_) {
      ::shutdown(socket, SHUT_RDWR);
    }
  }
  for (auto& talk : talks_) {
    talk.join();
  }
}

std::string LoopbackServer::url() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

std::vector<SeenRequest> LoopbackServer::seen() {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void LoopbackServer::serve() {
  for (;;) {
    const int socket = ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0 || stopping_) {
      if (socket >= 0) {
        ::close(socket);
      }
      return;
    }
    ++connections_;
    {
      const std::lock_guard lock(mutex_);
      open_.push_back(socket);
    }
    talks_.emplace_back([this, socket] { talk(socket); });
  }
}

void LoopbackServer::talk(int socket) {
  const int connection = connections_;
  std::string buffer;
  for (bool open = true; open;) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos &&
           (open = receive(socket, buffer))) {
    }
    if (!open) {
      break;
    }
    SeenRequest request{buffer.substr(0, end + 2), {}, connection};
    buffer.erase(0, end + 4);
    std::size_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = seen_.size();
      seen_.push_back(request);
    }
    ServerAnswer answer = script_(request, number);
    if (!answer.before_body) {
      const std::size_t length = content_length(request.head);
      while (buffer.size() < length && (open = receive(socket, buffer))) {
      }
      request.body = buffer.substr(0, length);
      buffer.erase(0, std::min(length, buffer.size()));
      const std::lock_guard lock(mutex_);
      seen_[number] = request;
    }
    ::send(socket, answer.bytes.data(), answer.bytes.size(), MSG_NOSIGNAL);
    if (answer.then == ServerAnswer::Then::hang) {
      while (receive(socket, buffer)) {  // until the client goes, or we do
        buffer.clear();
      }
    }
    if (answer.then == ServerAnswer::Then::reset) {
      const linger now{1, 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    open = open && answer.then == ServerAnswer::Then::keep;
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, socket);
  ::close(socket);
}

std::string answer(std::string_view status, std::string_view body, std::string_view headers) {
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body);
}

std::string ok_answer(std::string_view body, std::string_view headers) {
  return answer("200 OK", body, headers);
}

}  // namespace deployflow::store
