#include "plugins/host/store/http_fetch.hpp"

#include "plugins/host/store/target_store.hpp"
#include "tests/unit/store/loopback_server.hpp"
#include "tests/unit/store/signing/fake_environment.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <atomic>
#include <future>
#include <thread>

using namespace deployflow;
using namespace deployflow::store;

namespace {

FetchRequest to(const std::string& url) {
  FetchRequest request;
  request.url = url;
  return request;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Set for this process while it lives; libcurl reads the real environment.
class RealVariable {
 public:
  RealVariable(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~RealVariable() { ::unsetenv(name_.c_str()); }
  RealVariable(const RealVariable&) = delete;
  RealVariable& operator=(const RealVariable&) = delete;

 private:
  std::string name_;
};

}  // namespace

TEST_CASE("a fetch sends what it is given, and any status is an answer") {
  LoopbackServer server([](const SeenRequest&, std::size_t number) {
    return ServerAnswer{answer(number == 0 ? "200 OK" : "404 Not Found", "body")};
  });
  const auto http = make_http_fetch({});
  FetchRequest request = to(server.url() + "/a?b=c");
  request.method = "POST";
  request.headers = {{"x-thing", "value"}};
  request.body = "form=1";
  const auto first = http->fetch(request);
  REQUIRE(first.ok());
  CHECK(first->status == 200);
  CHECK(first->body == "body");
  const auto second = http->fetch(to(server.url()));
  REQUIRE(second.ok());
  CHECK(second->status == 404);
  const auto seen = server.seen();
  CHECK(seen[0].head.starts_with("POST /a?b=c HTTP/1.1\r\n"));
  CHECK(has(seen[0].head, "x-thing: value\r\n"));
  CHECK(has(seen[0].head, "Content-Length: 6\r\n"));
  CHECK(seen[0].body == "form=1");
}

TEST_CASE("a PUT without a body says so, as IMDS demands") {
  LoopbackServer server(
      [](const SeenRequest&, std::size_t) { return ServerAnswer{ok_answer("t")}; });
  FetchRequest request = to(server.url());
  request.method = "PUT";
  REQUIRE(make_http_fetch({})->fetch(request).ok());
  CHECK(server.seen()[0].head.starts_with("PUT / HTTP/1.1\r\n"));
  CHECK(has(server.seen()[0].head, "Content-Length: 0\r\n"));
}

TEST_CASE("a redirect is not followed") {
  LoopbackServer server([&](const SeenRequest&, std::size_t) {
    return ServerAnswer{answer("302 Found", "", "Location: /elsewhere\r\n")};
  });
  const auto got = make_http_fetch({})->fetch(to(server.url()));
  REQUIRE(got.ok());
  CHECK(got->status == 302);
  CHECK(server.seen().size() == 1);
}

TEST_CASE("an answer over 1 MiB is an error") {
  LoopbackServer server([](const SeenRequest&, std::size_t) {
    return ServerAnswer{ok_answer(std::string((1U << 20) + 1, 'x'))};
  });
  const auto got = make_http_fetch({})->fetch(to(server.url()));
  REQUIRE_FALSE(got.ok());
  CHECK(has(got.error().message, "answered with over 1.0 MiB"));
}

TEST_CASE("a server that never answers costs the time-out, in which a stop ends it") {
  LoopbackServer server([](const SeenRequest&, std::size_t) {
    return ServerAnswer{"HTTP/1.1 200 OK\r\n", ServerAnswer::Then::hang};
  });
  FetchRequest request = to(server.url());
  request.timeout = std::chrono::milliseconds(100);
  const auto slow = make_http_fetch({})->fetch(request);
  REQUIRE_FALSE(slow.ok());
  CHECK(slow.error().code == Errc::network);
  CHECK(slow.error().transient);

  std::stop_source stop;
  request.timeout = std::chrono::minutes(10);
  auto waiting = std::async(std::launch::async, [&] {
    return make_http_fetch({.stop = stop.get_token(), .tls = {}, .trace = {}})->fetch(request);
  });
  while (server.seen().size() < 2) {
    std::this_thread::yield();
  }
  stop.request_stop();
  const auto stopped = waiting.get();
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().code == Errc::cancelled);
}

TEST_CASE("the proxy of the environment is used, except for addresses that no proxy may see") {
  LoopbackServer proxy(
      [](const SeenRequest&, std::size_t) { return ServerAnswer{ok_answer("from the proxy")}; });
  const RealVariable variable("http_proxy", proxy.url());
  FetchRequest request = to("http://store.invalid/x");
  const auto by_proxy = make_http_fetch({})->fetch(request);
  REQUIRE(by_proxy.ok());
  CHECK(by_proxy->body == "from the proxy");
  CHECK(proxy.seen()[0].head.starts_with("GET http://store.invalid/x HTTP/1.1\r\n"));

  LoopbackServer direct(
      [](const SeenRequest&, std::size_t) { return ServerAnswer{ok_answer("direct")}; });
  request.url = direct.url();
  request.proxy = FetchProxy::none;
  CHECK(make_http_fetch({})->fetch(request)->body == "direct");
  CHECK(proxy.seen().size() == 1);
  request.proxy = FetchProxy::environment;
  const RealVariable exception("NO_PROXY", "127.0.0.1");
  CHECK(make_http_fetch({})->fetch(request)->body == "direct");
  CHECK(proxy.seen().size() == 1);
}

TEST_CASE("requests to the store take HTTPS_PROXY, http_proxy and NO_PROXY from the environment") {
  LoopbackServer proxy(
      [](const SeenRequest&, std::size_t) { return ServerAnswer{answer("403 Forbidden", "")}; });
  const auto ask = [](const std::string& url) {
    HttpEngine engine({.stop = {}, .trace = nullptr});
    std::promise<HttpOutcome> got;
    HttpRequest request;
    request.method = "GET";
    request.url = url;
    engine.send(std::move(request),
                [&](HttpOutcome outcome) { got.set_value(std::move(outcome)); });
    return got.get_future().get();
  };
  const RealVariable secure("HTTPS_PROXY", proxy.url());
  const RealVariable plain("http_proxy", proxy.url());
  CHECK_FALSE(ask("https://store.invalid/key").ok());
  CHECK(ask("http://store.invalid/key").ok());
  REQUIRE(proxy.seen().size() == 2);
  CHECK(proxy.seen()[0].head.starts_with("CONNECT store.invalid:443 HTTP/1.1\r\n"));
  CHECK(proxy.seen()[1].head.starts_with("GET http://store.invalid/key HTTP/1.1\r\n"));
  const RealVariable exception("NO_PROXY", ".invalid");
  CHECK_FALSE(ask("http://store.invalid/key").ok());
  CHECK(proxy.seen().size() == 2);
}

namespace {

struct Asked {
  std::optional<Outcome> outcome;
  std::optional<Error> error;
};

/// Opens a target with these variables and asks for the head of one object.
Asked head_with(const Environment& environment,
                const std::string& endpoint,
                bool anonymous = false) {
  ThreadPool pool(1);
  Engine engine({}, pool);
  TargetConfig config;
  config.endpoint = endpoint;
  config.bucket = "bucket";
  config.anonymous = anonymous;
  auto target = open_target(engine, config, environment, DryRun::no);
  if (!target.ok()) {
    return {{}, target.error()};
  }
  std::promise<Outcome> got;
  (*target)->store().submit(Head{"key"},
                            [&](Outcome outcome) { got.set_value(std::move(outcome)); });
  return {got.get_future().get(), {}};
}

}  // namespace

TEST_CASE("AWS_MAX_ATTEMPTS is how often a target's request is sent") {
  LoopbackServer server([](const SeenRequest&, std::size_t) {
    return ServerAnswer{answer("500 Oops", "", "Retry-After: 0\r\n")};
  });
  const Home home;
  Variables variables{
      {"AWS_ACCESS_KEY_ID", "K"}, {"AWS_SECRET_ACCESS_KEY", "S"}, {"AWS_MAX_ATTEMPTS", "2"}};
  CHECK_FALSE(head_with(home.environment(variables), server.url()).outcome->ok());
  CHECK(server.seen().size() == 2);
  variables["AWS_MAX_ATTEMPTS"] = "1";
  CHECK_FALSE(head_with(home.environment(variables), server.url()).outcome->ok());
  CHECK(server.seen().size() == 3);
  variables["AWS_MAX_ATTEMPTS"] = "many";
  CHECK(head_with(home.environment(variables), server.url()).error->code == Errc::config);
}

TEST_CASE("an anonymous target sends no Authorization, whatever the environment has") {
  LoopbackServer server(
      [](const SeenRequest&, std::size_t) { return ServerAnswer{ok_answer("")}; });
  const Home home;
  const Variables variables{{"AWS_ACCESS_KEY_ID", "K"}, {"AWS_SECRET_ACCESS_KEY", "S"}};
  CHECK(head_with(home.environment(variables), server.url(), true).outcome.has_value());
  CHECK_FALSE(has(server.seen().at(0).head, "uthorization"));
  CHECK_FALSE(has(server.seen().at(0).head, "x-amz-security-token"));
}

TEST_CASE("a target whose credentials cannot be had is refused before anything is sent to it") {
  LoopbackServer server(
      [](const SeenRequest&, std::size_t) { return ServerAnswer{ok_answer("")}; });
  const Home home;
  const Asked got =
      head_with(home.environment({{"AWS_EC2_METADATA_DISABLED", "true"}}), server.url());
  REQUIRE(got.error.has_value());
  CHECK(got.error->code == Errc::auth);
  CHECK(server.seen().empty());
}

TEST_CASE("targets with the same profile share one key, and others have their own") {
  LoopbackServer agent([](const SeenRequest&, std::size_t) {
    return ServerAnswer{ok_answer("{\"AccessKeyId\":\"K\",\"SecretAccessKey\":\"S\"}")};
  });
  const Home home;
  home.write("config", "[profile other]\naws_access_key_id = O\naws_secret_access_key = S\n");
  const Environment environment =
      home.environment({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url() + "/key"}});
  LoopbackServer server(
      [](const SeenRequest&, std::size_t) { return ServerAnswer{ok_answer("")}; });
  ThreadPool pool(1);
  Engine engine({}, pool);
  for (const char* profile : {"", "other", ""}) {
    TargetConfig config;
    config.endpoint = server.url();
    config.bucket = "bucket";
    config.profile = profile;
    auto target = open_target(engine, config, environment, DryRun::no);
    REQUIRE(target.ok());
    std::promise<void> done;
    (*target)->store().submit(Head{"key"}, [&](const Outcome&) { done.set_value(); });
    done.get_future().get();
  }
  CHECK(agent.seen().size() == 1);
  const auto seen = server.seen();
  REQUIRE(seen.size() == 3);
  CHECK(has(seen[0].head, "Credential=K/"));
  CHECK(has(seen[1].head, "Credential=O/"));
  CHECK(has(seen[2].head, "Credential=K/"));
}

TEST_CASE("a key that expires during a run is asked for again, once") {
  std::atomic<int> keys = 0;
  std::atomic<int> newest_good = 2;
  LoopbackServer agent([&](const SeenRequest&, std::size_t) {
    return ServerAnswer{ok_answer("{\"AccessKeyId\":\"KEY" + std::to_string(++keys) +
                                  "\",\"SecretAccessKey\":\"S\",\"Token\":\"T\"}")};
  });
  LoopbackServer server([&](const SeenRequest& request, std::size_t) {
    if (has(request.head, "Credential=KEY" + std::to_string(newest_good) + "/")) {
      return ServerAnswer{ok_answer("bytes", "ETag: \"x\"\r\n")};
    }
    return ServerAnswer{answer("403 Forbidden", "<Error><Code>ExpiredToken</Code></Error>")};
  });
  const Home home;
  ThreadPool pool(1);
  Engine engine({}, pool);
  TargetConfig config;
  config.endpoint = server.url();
  config.bucket = "bucket";
  auto target =
      open_target(engine,
                  config,
                  home.environment({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url() + "/key"}}),
                  DryRun::no);
  REQUIRE(target.ok());
  CHECK(keys == 1);
  const auto get = [&] {
    std::promise<Outcome> got;
    Get operation;
    operation.key = "key";
    (*target)->store().submit(std::move(operation),
                              [&](Outcome outcome) { got.set_value(std::move(outcome)); });
    return got.get_future().get();
  };
  CHECK(get().ok());
  CHECK(keys == 2);
  CHECK(server.seen().size() == 2);
  newest_good = 99;
  const Outcome refused = get();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::auth);
  CHECK(keys == 3);
  CHECK(server.seen().size() == 4);
}

TEST_CASE("a key of the environment that has expired is an error that says so") {
  LoopbackServer server([&](const SeenRequest&, std::size_t) {
    return ServerAnswer{answer("403 Forbidden", "<Error><Code>ExpiredToken</Code></Error>")};
  });
  const Home home;
  ThreadPool pool(1);
  Engine engine({}, pool);
  TargetConfig config;
  config.endpoint = server.url();
  config.bucket = "bucket";
  auto target = open_target(engine,
                            config,
                            home.environment({{"AWS_ACCESS_KEY_ID", "K"},
                                              {"AWS_SECRET_ACCESS_KEY", "canary"},
                                              {"AWS_SESSION_TOKEN", "canary"}}),
                            DryRun::no);
  REQUIRE(target.ok());
  std::promise<Outcome> got;
  Get operation;
  operation.key = "key";
  (*target)->store().submit(std::move(operation),
                            [&](Outcome outcome) { got.set_value(std::move(outcome)); });
  const Outcome outcome = got.get_future().get();
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == Errc::auth);
  CHECK(has(outcome.error().message, "credentials expired at "));
  CHECK(has(outcome.error().message, "refused those of the environment"));
  CHECK_FALSE(has(outcome.error().message, "canary"));
  CHECK(server.seen().size() == 1);
}
