#include "plugins/host/store/web_client.hpp"

#include "tests/unit/store/fake_loop.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <utility>

using namespace deployflow;
using namespace deployflow::store;
using std::chrono::milliseconds;

namespace {

HttpResponse answer(int status, std::vector<Header> headers = {}) {
  HttpResponse out;
  out.status = status;
  out.headers = std::move(headers);
  return out;
}

HttpFailure failure(HttpCause cause) {
  HttpFailure out{{Errc::network, "no"}, true};
  out.cause = cause;
  return out;
}

/// A web of answers by URL, in the order in which they are given; each takes 10 ms.
struct FakeWeb {
  explicit FakeWeb(WebLimits limits = {}, WebClient::Proxy proxy = nullptr)
      : client([this](HttpRequest request,
                      std::function<void(HttpOutcome)> done) { send(std::move(request), done); },
               loop,
               limits,
               std::move(proxy)) {}

  void send(HttpRequest request, const std::function<void(HttpOutcome)>& done) {
    const std::string host = parse_web_url(request.url)->host;
    requests.push_back(request);
    starts[host].push_back(loop.now());
    most[host] = std::max(most[host], ++active[host]);
    most_at_all = std::max(most_at_all, ++active_at_all);
    loop.after(milliseconds(10), [this, done, host, url = request.url] {
      --active[host];
      --active_at_all;
      if (loop.stopped) {
        return done(HttpFailure{{Errc::cancelled, "interrupted"}});
      }
      std::vector<HttpOutcome>& script = answers[url];
      if (script.empty()) {
        return done(answer(200));
      }
      HttpOutcome next = script.front();
      if (script.size() > 1) {
        script.erase(script.begin());
      }
      done(std::move(next));
    });
  }

  void ask(const std::string& url, const std::string& method = "HEAD") {
    ++asked;
    client.submit(
        method, url, [this](WebOutcome outcome) { outcomes.push_back(std::move(outcome)); });
  }
  void finish() {
    loop.run_until([this] { return outcomes.size() == asked; });
  }
  WebOutcome outcome(const std::string& url) {
    ask(url);
    finish();
    return outcomes.back();
  }

  FakeLoop loop;
  std::map<std::string, std::vector<HttpOutcome>> answers;  // the last one stays
  std::vector<HttpRequest> requests;
  std::map<std::string, std::vector<std::chrono::steady_clock::time_point>> starts;
  std::map<std::string, int> active, most;
  int active_at_all = 0, most_at_all = 0;
  std::size_t asked = 0;
  std::vector<WebOutcome> outcomes;
  WebClient client;
};

}  // namespace

TEST_CASE("an answer is an answer, whatever its status") {
  FakeWeb web;
  for (const int status : {200, 204, 304, 404, 500}) {
    web.answers["https://e.com/"] = {answer(status)};
    const WebOutcome outcome = web.outcome("https://e.com/");
    REQUIRE(outcome.ok());
    CHECK(outcome->status == status);
    CHECK(outcome->url == "https://e.com/");
    CHECK(outcome->moved_to.empty());
    CHECK(outcome->requests == 1);
  }
}

TEST_CASE("a request has nothing in it but what it asks for") {
  FakeWeb web;
  REQUIRE(web.outcome("https://name:pass@e.com/a?b#c").ok());
  const HttpRequest& request = web.requests.at(0);
  CHECK(request.url == "https://e.com/a?b");
  REQUIRE(request.headers.size() == 1);
  CHECK(request.headers[0].first == "accept");
  CHECK(request.tls.none());
  CHECK(request.head_is_enough);
  CHECK(request.reach == Reach::public_only);
}

TEST_CASE("redirects are followed, and only permanent ones from the first on move a link") {
  FakeWeb web;
  web.answers["http://e.com/a"] = {answer(301, {{"location", "/b"}})};
  web.answers["http://e.com/b"] = {answer(308, {{"location", "https://f.com/c"}})};
  web.answers["https://f.com/c"] = {answer(302, {{"location", "d?x"}})};
  web.answers["https://f.com/d?x"] = {answer(301, {{"location", "e"}})};
  const WebOutcome outcome = web.outcome("http://e.com/a");
  REQUIRE(outcome.ok());
  CHECK(outcome->status == 200);
  CHECK(outcome->url == "https://f.com/e");
  CHECK(outcome->moved_to == "https://f.com/c");
  CHECK(outcome->requests == 5);
}

TEST_CASE("a redirect in a circle, to another protocol or without end is told, not followed") {
  FakeWeb web({.redirects = 4});
  web.answers["https://e.com/a"] = {answer(302, {{"location", "/b"}})};
  web.answers["https://e.com/b"] = {answer(302, {{"location", "/a#x"}})};
  web.answers["https://e.com/file"] = {answer(302, {{"location", "file:///etc/passwd"}})};
  for (int i = 0; i < 9; ++i) {
    web.answers["https://e.com/" + std::to_string(i)] = {
        answer(302, {{"location", std::to_string(i + 1)}})};
  }
  for (const char* url : {"https://e.com/a", "https://e.com/file", "https://e.com/0"}) {
    const WebOutcome outcome = web.outcome(url);
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().is_lost_way);
  }
  CHECK(web.requests.size() == 2 + 1 + 5);
}

TEST_CASE("a status of a redirect without a place to go is the answer") {
  FakeWeb web;
  web.answers["https://e.com/"] = {answer(302)};
  CHECK(web.outcome("https://e.com/")->status == 302);
}

TEST_CASE("what is no http address is not asked") {
  FakeWeb web;
  for (const char* url :
       {"ftp://e.com/", "file:///etc/passwd", "e.com", "", "http://", "http:///"}) {
    const WebOutcome outcome = web.outcome(url);
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().requests == 0);
  }
  CHECK(web.requests.empty());
}

TEST_CASE("a host gets so many requests at a time and no more, with a pause between them") {
  FakeWeb web({.per_host = 3, .gap = milliseconds(2)});
  for (int i = 0; i < 40; ++i) {
    web.ask("https://a.com/" + std::to_string(i));
    web.ask("http://a.com:8080/" + std::to_string(i));  // the same machine
    web.ask("https://b.com/" + std::to_string(i));
  }
  web.finish();
  CHECK(web.most["a.com"] == 3);
  CHECK(web.most["b.com"] == 3);
  const auto& starts = web.starts["a.com"];
  REQUIRE(starts.size() == 80);
  for (std::size_t i = 1; i < starts.size(); ++i) {
    CHECK(starts[i] - starts[i - 1] >= milliseconds(2));
  }
}

TEST_CASE("all hosts together get as many as there may be") {
  FakeWeb web({.in_flight = 7});
  for (int i = 0; i < 50; ++i) {
    web.ask("https://h" + std::to_string(i) + ".com/");
  }
  web.finish();
  CHECK(web.most_at_all == 7);
}

TEST_CASE("who asks to be left alone is, as a whole, for as long as it says") {
  FakeWeb web({.gap = milliseconds(1)});
  web.answers["https://e.com/a"] = {answer(429, {{"retry-after", "7"}}), answer(200)};
  for (const char* url : {"https://e.com/a", "https://e.com/b", "https://e.com/c"}) {
    web.ask(url);
  }
  web.finish();
  const auto& starts = web.starts["e.com"];
  REQUIRE(starts.size() == 4);
  CHECK(starts[1] - starts[0] < milliseconds(10));  // before it said so
  CHECK(starts[2] - starts[0] >= milliseconds(7'000));
  CHECK(std::all_of(web.outcomes.begin(), web.outcomes.end(), [](const WebOutcome& o) {
    return o.ok() && o->status == 200;
  }));
}

TEST_CASE("who asks for longer than anybody waits has answered") {
  FakeWeb web;
  web.answers["https://e.com/"] = {answer(503, {{"retry-after", "3600"}})};
  const WebOutcome outcome = web.outcome("https://e.com/");
  REQUIRE(outcome.ok());
  CHECK(outcome->status == 503);
  CHECK(outcome->requests == 1);
}

TEST_CASE("a host that never stops asking for time has answered in the end") {
  FakeWeb web({.attempts = 3});
  web.answers["https://e.com/"] = {answer(429)};
  const WebOutcome outcome = web.outcome("https://e.com/");
  CHECK(outcome->status == 429);
  CHECK(outcome->requests == 3);
}

TEST_CASE("a connection that broke is tried again, a certificate that does not hold is not") {
  FakeWeb web;
  web.answers["https://e.com/"] = {failure(HttpCause::closed), answer(200)};
  CHECK(web.outcome("https://e.com/")->requests == 2);
  HttpFailure tls = failure(HttpCause::tls);
  tls.transient = false;
  web.answers["https://f.com/"] = {tls, answer(200)};
  const WebOutcome outcome = web.outcome("https://f.com/");
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().cause == HttpCause::tls);
  CHECK(outcome.error().requests == 1);
}

TEST_CASE("an answer that does not come in time is not waited for again") {
  FakeWeb web;
  web.answers["https://e.com/"] = {failure(HttpCause::timeout)};
  CHECK(web.outcome("https://e.com/").error().requests == 1);
}

TEST_CASE("a host that nobody can connect to is not tried for every address") {
  FakeWeb web({.per_host = 1, .attempts = 2});
  for (int i = 0; i < 100; ++i) {
    const std::string url = "https://gone.com/" + std::to_string(i);
    web.answers[url] = {failure(HttpCause::unresolved)};
    web.ask(url);
  }
  web.ask("https://there.com/");
  web.finish();
  CHECK(web.starts["gone.com"].size() <= 4);
  CHECK(std::count_if(web.outcomes.begin(), web.outcomes.end(), [](const WebOutcome& o) {
          return !o.ok() && o.error().cause == HttpCause::unresolved;
        }) == 100);
}

TEST_CASE("addresses of this machine are not asked, directly or after a redirect or by a proxy") {
  for (const bool has_proxy : {false, true}) {
    FakeWeb web({}, [&](std::string_view) { return has_proxy ? "http://proxy:3128" : ""; });
    web.answers["https://e.com/"] = {answer(302, {{"location", "http://169.254.169.254/latest"}})};
    for (const char* url : {"http://localhost/",
                            "http://127.0.0.1:8080/",
                            "http://[::1]/",
                            "http://0x7f.1/",
                            "http://2130706433/",
                            "http://10.1.2.3/",
                            "https://e.com/"}) {
      const WebOutcome outcome = web.outcome(url);
      REQUIRE_FALSE(outcome.ok());
      CHECK(outcome.error().cause == HttpCause::not_public);
    }
    REQUIRE(web.requests.size() == 1);
    CHECK(web.requests[0].proxy == (has_proxy ? "http://proxy:3128" : ""));
  }
}

TEST_CASE("what is allowed to go anywhere goes to this machine") {
  FakeWeb web({.reach = Reach::anywhere});
  CHECK(web.outcome("http://localhost:3000/")->status == 200);
  CHECK(web.requests[0].reach == Reach::anywhere);
}

TEST_CASE("an interrupted run ends what waits as well as what is under way") {
  FakeWeb web({.per_host = 1});
  for (int i = 0; i < 20; ++i) {
    web.ask("https://e.com/" + std::to_string(i));
  }
  web.loop.stopped = true;
  web.finish();
  CHECK(web.requests.size() == 1);
  for (const WebOutcome& outcome : web.outcomes) {
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().code == Errc::cancelled);
  }
}

TEST_CASE("a proxy is the one that libcurl would take") {
  std::map<std::string, std::string> set;
  const WebClient::Proxy proxy = proxy_of([&](std::string_view name) -> std::optional<std::string> {
    const auto found = set.find(std::string(name));
    return found != set.end() ? std::optional(found->second) : std::nullopt;
  });
  CHECK(proxy("http").empty());
  set["HTTP_PROXY"] = "h";  // a request to a CGI program can set it
  CHECK(proxy("http").empty());
  set["ALL_PROXY"] = "a";
  CHECK(proxy("http") == "a");
  set["HTTPS_PROXY"] = "s";
  CHECK(proxy("https") == "s");
  set["https_proxy"] = "t";
  CHECK(proxy("https") == "t");
  set["no_proxy"] = "*";
  CHECK(proxy("https").empty());
}
