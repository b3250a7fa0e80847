// Where the web's requests may go, and what they take with them, over real sockets.

#include "plugins/host/store/http_url.hpp"
#include "plugins/host/store/public_address.hpp"
#include "plugins/host/store/web_client.hpp"
#include "tests/unit/store/loopback_server.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <atomic>
#include <cstring>
#include <future>
#include <thread>

using namespace deployflow;
using namespace deployflow::store;
using std::chrono::milliseconds;
using Then = ServerAnswer::Then;

namespace {

bool is_public(const std::string& text) {
  sockaddr_storage storage{};
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    std::memcpy(&storage, &four, sizeof four);
  } else {
    REQUIRE(::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1);
    six.sin6_family = AF_INET6;
    std::memcpy(&storage, &six, sizeof six);
  }
  return is_public_address(*address);
}

/// The client over an engine, as a batch has them.
class Web {
 public:
  explicit Web(WebLimits limits, StopToken stop = {}) {
    engine_.emplace(HttpEngine::Options{.stop = std::move(stop), .trace = nullptr});
    client_.emplace(
        [this](HttpRequest request, std::function<void(HttpOutcome)> done) {
          engine_->send(std::move(request), std::move(done));
        },
        *engine_,
        limits,
        nullptr);
  }

  std::future<WebOutcome> ask(const std::string& url, const std::string& method = "HEAD") {
    auto promise = std::make_shared<std::promise<WebOutcome>>();
    engine_->post([this, promise, url, method] {
      client_->submit(
          method, url, [promise](WebOutcome outcome) { promise->set_value(std::move(outcome)); });
    });
    return promise->get_future();
  }

 private:
  std::optional<WebClient> client_;
  std::optional<HttpEngine> engine_;  // goes first
};

constexpr WebLimits k_anywhere{.gap = milliseconds(1),
                               .attempts = 1,
                               .timeout = milliseconds(5'000),
                               .reach = Reach::anywhere};

}  // namespace

TEST_CASE("addresses that are of the internet, and those that are not") {
  for (const char* text : {"1.1.1.1",
                           "9.255.255.255",
                           "11.0.0.1",
                           "100.63.255.255",
                           "100.128.0.1",
                           "128.0.0.1",
                           "169.253.0.1",
                           "172.15.0.1",
                           "172.32.0.1",
                           "192.167.1.1",
                           "198.20.0.1",
                           "223.255.255.255",
                           "2606:4700::1111",
                           "2a00::1",
                           "::ffff:1.1.1.1",
                           "64:ff9b::101:101",
                           "2002:101:101::1"}) {
    CAPTURE(text);
    CHECK(is_public(text));
  }
  for (const char* text : {"0.0.0.0",     "10.0.0.1",         "100.64.0.1",
                           "127.0.0.1",   "127.255.255.255",  "169.254.169.254",
                           "172.16.0.1",  "172.31.255.255",   "192.0.2.1",
                           "192.168.0.1", "198.18.0.1",       "224.0.0.1",
                           "240.0.0.1",   "255.255.255.255",  "::",
                           "::1",         "::ffff:127.0.0.1", "::ffff:10.0.0.1",
                           "fe80::1",     "fc00::1",          "fd00:ec2::254",
                           "ff02::1",     "64:ff9b::7f00:1",  "2002:7f00:1::",
                           "2001::1",     "2001:db8::1",      "::127.0.0.1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_public(text));
  }
  sockaddr other{};
  other.sa_family = AF_UNIX;
  CHECK_FALSE(is_public_address(other));
}

TEST_CASE("hosts that need no look at their addresses") {
  for (const char* host : {"localhost",
                           "LOCALHOST",
                           "a.localhost",
                           "localhost.",
                           "127.0.0.1",
                           "[::1]",
                           "[fe80::1%25eth0]",
                           "10.0.0.1"}) {
    CAPTURE(host);
    CHECK_FALSE(may_be_public(host));
  }
  for (const char* host : {"example.com", "1.1.1.1", "[2606:4700::1111]", "mylocalhost"}) {
    CAPTURE(host);
    CHECK(may_be_public(host));
  }
}

TEST_CASE("an address is asked as a browser would") {
  const auto text = [](std::string_view url) {
    const auto parsed = parse_web_url(url);
    return parsed ? parsed->text : "none";
  };
  CHECK(text("HTTPS://Example.COM/a/../b?x=1#f") == "https://Example.COM/b?x=1");
  CHECK(text("http://u:p@e.com:8080/") == "http://e.com:8080/");
  CHECK(text("http://e.com/a b") == "http://e.com/a%20b");
  CHECK(text("http://e.com/\xC3\xA9") == "http://e.com/%c3%a9");
  CHECK(text("http://e.com/%41") == "http://e.com/%41");
  CHECK(text("mailto:a@e.com") == "none");
  CHECK(text("http://e.com/" + std::string(9000, 'x')) == "none");
  CHECK(text(std::string_view("http://e.com/\0x", 15)) == "none");
  CHECK(parse_web_url("HTTPS://Example.COM/")->host == "example.com");
  const WebUrl from = *parse_web_url("https://e.com/a/b?c");
  CHECK(follow_location(from, "d")->text == "https://e.com/a/d");
  CHECK(follow_location(from, "//f.com")->text == "https://f.com/");
  CHECK(follow_location(from, "?d")->text == "https://e.com/a/b?d");
  CHECK_FALSE(follow_location(from, "javascript:alert(1)"));
}

TEST_CASE("by default nothing connects to this machine, whatever the name") {
  LoopbackServer server([](const SeenRequest&, std::size_t) {
    return ServerAnswer{ok_answer(""), Then::keep, false};
  });
  const std::string port = server.url().substr(server.url().rfind(':'));
  HttpEngine engine({});
  // Past what can be seen of a name, the socket itself is looked at.
  for (const std::string& host : {std::string("localhost"), std::string("127.0.0.1")}) {
    HttpRequest request;
    request.method = "HEAD";
    request.url = "http://" + host + port + "/";
    request.reach = Reach::public_only;
    std::promise<HttpOutcome> promise;
    engine.send(request, [&](HttpOutcome outcome) { promise.set_value(std::move(outcome)); });
    const HttpOutcome outcome = promise.get_future().get();
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().cause == HttpCause::not_public);
    CHECK_FALSE(outcome.error().transient);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("causes are told apart") {
  LoopbackServer server([](const SeenRequest& seen, std::size_t) {
    const bool is_slow = seen.head.find("/slow") != std::string::npos;
    return ServerAnswer{seen.head.find("/noise") != std::string::npos ? "hello\r\n\r\n" : "",
                        is_slow ? Then::hang : Then::close,
                        false};
  });
  WebLimits limits = k_anywhere;
  limits.timeout = milliseconds(300);
  Web web(limits);
  const auto cause = [&](const std::string& url) { return web.ask(url).get().error().cause; };
  CHECK(cause(server.url() + "/slow") == HttpCause::timeout);
  CHECK(cause(server.url() + "/closed") == HttpCause::closed);
  CHECK(cause("http://127.0.0.1:1/") == HttpCause::refused);
  CHECK(cause("http://" + std::string(64, 'x') + ".invalid/") == HttpCause::unresolved);
  // It never says a word of TLS.
  CHECK(cause("https" + server.url().substr(4)) == HttpCause::unreachable);
}

TEST_CASE("of a body no more is read than it is worth, however long it is") {
  std::atomic<std::size_t> sent = 0;
  LoopbackServer server([&](const SeenRequest& seen, std::size_t) {
    if (seen.head.starts_with("GET /cut")) {
      return ServerAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Then::close, false};
    }
    if (seen.head.starts_with("GET /slow")) {
      return ServerAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Then::hang, false};
    }
    std::string huge = "HTTP/1.1 404 Not Found\r\nContent-Length: 50000000\r\n\r\n";
    huge += std::string(3'000'000, 'x');
    sent += huge.size();
    return ServerAnswer{std::move(huge), Then::hang, false};
  });
  WebLimits limits = k_anywhere;
  limits.timeout = milliseconds(500);
  Web web(limits);
  CHECK(web.ask(server.url() + "/huge", "GET").get()->status == 404);
  CHECK(web.ask(server.url() + "/cut", "GET").get()->status == 200);
  CHECK(web.ask(server.url() + "/slow", "GET").get()->status == 200);
}

TEST_CASE("a server counts: never more at a time than a host may get") {
  std::atomic<int> active = 0, most = 0;
  LoopbackServer server([&](const SeenRequest&, std::size_t) {
    const int now = ++active;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    std::this_thread::sleep_for(milliseconds(20));
    --active;
    return ServerAnswer{ok_answer(""), Then::keep, false};
  });
  Web web(k_anywhere);
  std::vector<std::future<WebOutcome>> outcomes;
  for (int i = 0; i < 20; ++i) {
    outcomes.push_back(web.ask(server.url() + "/" + std::to_string(i)));
  }
  for (auto& outcome : outcomes) {
    CHECK(outcome.get().ok());
  }
  CHECK(most == 2);
}

TEST_CASE("nothing of a cookie or a password comes back to a server") {
  LoopbackServer server([](const SeenRequest& seen, std::size_t) {
    return ServerAnswer{seen.head.starts_with("HEAD /a ")
                            ? answer("302 Found", "", "Set-Cookie: id=secret\r\nLocation: /b\r\n")
                            : ok_answer(""),
                        Then::keep,
                        false};
  });
  Web web(k_anywhere);
  const std::string with_password = "http://name:secret@" + server.url().substr(7) + "/a";
  CHECK(web.ask(with_password).get()->status == 200);
  REQUIRE(server.seen().size() == 2);
  for (const SeenRequest& seen : server.seen()) {
    CHECK(seen.head.find("secret") == std::string::npos);
    CHECK(seen.head.find("ookie") == std::string::npos);
    CHECK(seen.head.find("uthorization") == std::string::npos);
    CHECK(seen.head.find("User-Agent: deployflow") != std::string::npos);
  }
}

TEST_CASE("an interruption ends a request that hangs") {
  LoopbackServer server([](const SeenRequest&, std::size_t) {
    return ServerAnswer{"", Then::hang, false};
  });
  std::stop_source stop;
  Web web(k_anywhere, stop.get_token());
  auto outcome = web.ask(server.url());
  auto waiting = web.ask(server.url() + "/next");
  stop.request_stop();
  CHECK(outcome.get().error().code == Errc::cancelled);
  CHECK(waiting.get().error().code == Errc::cancelled);
}
