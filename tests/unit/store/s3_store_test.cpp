// The S3 client against scripted answers. Each answer is one that some store gives.

#include "plugins/host/store/s3_store.hpp"

#include "tests/unit/store/loopback_server.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

using namespace deployflow;
using namespace deployflow::store;
using Then = ServerAnswer::Then;

namespace {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] std::chrono::sys_time<std::chrono::milliseconds> now() const override {
    return std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000));  // 2027-01-15T08:00:00Z
  }
};

class FixedCredentials final : public CredentialsSource {
 public:
  void get(std::function<void(Result<std::optional<Credentials>>)> done) override {
    if (anonymous) {
      done(std::optional<Credentials>());
      return;
    }
    done(std::optional<Credentials>(Credentials{refused_.empty() ? "FIRSTKEY" : "SECONDKEY",
                                                Secret("CANARYSECRET"),
                                                Secret("CANARYTOKEN"),
                                                std::nullopt,
                                                "test"}));
  }
  void refused(const std::string& key_id) override { refused_ = key_id; }

  bool anonymous = false;
  std::string refused_;
};

ServerAnswer error(std::string_view status,
                   std::string_view code,
                   std::string_view more = {},
                   std::string_view headers = {}) {
  return {answer(status,
                 "<Error><Code>" + std::string(code) + "</Code>" + std::string(more) + "</Error>",
                 headers),
          Then::keep,
          false};
}
ServerAnswer ok(std::string_view body = {}, std::string_view headers = {}) {
  return {ok_answer(body, headers), Then::keep, false};
}

// A client of a server that answers by `script`.
class World {
 public:
  explicit World(LoopbackServer::Script script, WireSettings wire = {})
      : server(std::move(script)) {
    Endpoint endpoint;
    endpoint.scheme = "http";
    endpoint.host = server.url().substr(7);
    endpoint.bucket = "bucket";
    endpoint.region = "us-east-1";
    store = std::make_unique<S3Store>(engine,
                                      S3Options{.endpoint = endpoint,
                                                .credentials = credentials,
                                                .tls = {},
                                                .clock = &clock,
                                                .wire = wire});
  }

  Outcome submit(Operation operation) { return submit_and_wait(*store, std::move(operation)); }
  Outcome put(std::string bytes) {
    Put put;
    put.key = "a b";
    put.payload = make_payload(std::move(bytes));
    put.media_type = "text/plain";
    put.headers = {{"cache-control", "no-cache"}, {"x-amz-meta-a", "b"}};
    return submit(put);
  }
  bool saw(std::size_t request, std::string_view text) {
    return server.seen().at(request).head.find(text) != std::string::npos;
  }

  FixedClock clock;
  std::shared_ptr<FixedCredentials> credentials = std::make_shared<FixedCredentials>();
  LoopbackServer server;
  std::unique_ptr<S3Store> store;
  HttpEngine engine{{}};
};

const std::string k_page =
    "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>p/a</Key><Size>1</Size></"
    "Contents>"
    "</ListBucketResult>";

}  // namespace

TEST_CASE("a put carries MD5, SHA-256, type and headers; only what no proxy rewrites is signed") {
  World world([](const SeenRequest&, std::size_t) { return ok("", "ETag: \"abc\"\r\n"); });
  const Outcome outcome = world.put("hello");
  REQUIRE(outcome.ok());
  CHECK(outcome.value().object.etag == "abc");
  CHECK(world.saw(0, "PUT /bucket/a%20b HTTP/1.1\r\n"));
  CHECK(world.saw(0, "content-md5: XUFAKrxLKna5cZ2REBfFkg==\r\n"));
  CHECK(world.saw(0,
                  "x-amz-content-sha256: "
                  "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\r\n"));
  CHECK(world.saw(0, "x-amz-date: 20270115T080000Z\r\n"));
  CHECK(world.saw(0, "cache-control: no-cache\r\n"));
  CHECK(world.saw(
      0,
      "SignedHeaders=content-md5;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-a;"
      "x-amz-security-token,"));
  CHECK_FALSE(world.saw(0, "crc"));
  CHECK_FALSE(world.saw(0, "x-id"));
}

TEST_CASE("without credentials nothing is signed") {
  World world([](const SeenRequest&, std::size_t) { return ok(); });
  world.credentials->anonymous = true;
  REQUIRE(world.submit(Head{"key"}).ok());
  CHECK_FALSE(world.saw(0, "uthorization"));
  CHECK(world.saw(0, "HEAD /bucket/key HTTP/1.1\r\n"));
}

TEST_CASE("what a store repeats of our token is not shown, refused or in a success that is none") {
  for (const char* status : {"400 Bad Request", "200 OK"}) {
    CAPTURE(status);
    World world([&](const SeenRequest&, std::size_t) {
      return error(status, "InvalidToken", "<Message>not valid: CANARYTOKEN.</Message>");
    });
    Copy copy;
    copy.from_key = "a";
    copy.key = "b";
    const Outcome outcome = world.submit(copy);
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().message.find("not valid: [redacted].") != std::string::npos);
    CHECK(outcome.error().message.find("CANARY") == std::string::npos);
  }
}

TEST_CASE("errors say what was asked, what was answered and what to do") {
  World world([](const SeenRequest&, std::size_t) {
    return error("404 Not Found", "NoSuchBucket", "<Message>gone\x1B[31m</Message>");
  });
  const Outcome outcome = world.put("x");
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == Errc::not_found);
  CHECK(outcome.error().message ==
        "PutObject a b: 404 NoSuchBucket: no bucket bucket: gone\\x1b[31m");
  CHECK(outcome.error().hint.find("there is none at http://127.0.0.1") == 0);
  CHECK_FALSE(outcome.error().transient);
}

TEST_CASE("answers are sorted into what may pass, what throttles and what needs another key") {
  struct Case {
    const char* status;
    const char* code;
    Errc errc;
    bool transient;
    bool throttled;
  };
  for (const Case& c : {Case{"503 x", "SlowDown", Errc::remote, true, true},
                        Case{"429 x", "TooManyRequests", Errc::remote, true, true},
                        Case{"500 x", "InternalError", Errc::remote, true, false},
                        Case{"400 x", "RequestTimeout", Errc::remote, true, false},
                        Case{"400 x", "BadDigest", Errc::remote, true, false},
                        Case{"403 x", "AccessDenied", Errc::auth, false, false},
                        Case{"403 x", "InvalidAccessKeyId", Errc::auth, false, false},
                        Case{"403 x", "InvalidTokenId", Errc::auth, false, false},
                        Case{"404 x", "XAdminUserNotFound", Errc::auth, false, false},
                        Case{"404 x", "NoSuchKey", Errc::not_found, false, false},
                        Case{"400 x", "InvalidRequest", Errc::remote, false, false},
                        Case{"412 x", "PreconditionFailed", Errc::conflict, false, false}}) {
    CAPTURE(c.code);
    World world([&](const SeenRequest&, std::size_t) {
      return error(c.status, c.code, {}, "Retry-After: 3\r\n");
    });
    const Outcome outcome = world.put("x");
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().code == c.errc);
    CHECK(outcome.error().transient == c.transient);
    CHECK(outcome.error().throttled == c.throttled);
    CHECK(outcome.error().code_text == c.code);
    CHECK(outcome.error().retry_after == std::chrono::milliseconds(3000));
    CHECK(outcome.error().requests == 1);
    CHECK(world.server.seen().size() == 1);
  }
}

TEST_CASE("a bucket that is not there is named, though the answer to a HEAD says nothing") {
  World world([](const SeenRequest&, std::size_t) {
    return ServerAnswer{answer("404 Not Found", ""), Then::close, false};
  });
  const Outcome outcome = world.submit(BucketExists{});
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == Errc::not_found);
  CHECK(outcome.error().message == "HeadBucket: 404 NoSuchBucket: no bucket bucket");
}

TEST_CASE("a media type that is rewritten before its signature is checked is sent unsigned") {
  World world([](const SeenRequest& request, std::size_t) {
    const bool is_signed =
        request.head.find("SignedHeaders=content-md5;content-type") != std::string::npos;
    return is_signed ? error("403 x", "SignatureDoesNotMatch") : ok();
  });
  const Outcome first = world.put("x");
  REQUIRE(first.ok());
  CHECK(first.value().requests == 2);
  CHECK(world.saw(0, "content-type: text/plain\r\n"));
  CHECK(world.saw(1, "content-type: text/plain\r\n"));
  CHECK(world.saw(1, "SignedHeaders=content-md5;host;"));
  REQUIRE(world.put("y").ok());
  CHECK(world.server.seen().size() == 3);
}

TEST_CASE(
    "a wrong secret is refused twice where there is a media type, and the type stays signed") {
  World world([](const SeenRequest&, std::size_t) {
    return error("403 x", "SignatureDoesNotMatch", {}, "Connection: close\r\n");
  });
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = world.put("x");
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().code == Errc::auth);
    CHECK_FALSE(outcome.error().transient);
    CHECK(outcome.error().requests == 2);
  }
  CHECK(world.saw(2, "SignedHeaders=content-md5;content-type;"));
  CHECK(world.submit(Head{"x"}).error().requests == 1);
}

TEST_CASE("a host that nobody knows is asked for once more; one that has answered is waited for") {
  // No resolver sends a label of 64 characters to a server.
  const std::string unknown = "http://" + std::string(64, 'x') + ".invalid";
  const auto proxy_is = [](const std::string& url) { ::setenv("http_proxy", url.c_str(), 1); };
  ::unsetenv("no_proxy");
  ::unsetenv("NO_PROXY");
  for (const bool has_answered : {false, true}) {
    World world([](const SeenRequest&, std::size_t) { return ok(); });
    if (has_answered) {
      proxy_is(world.server.url());
      REQUIRE(world.submit(Head{"x"}).ok());
    }
    proxy_is(unknown);
    const Outcome outcome = world.submit(Head{"x"});
    ::unsetenv("http_proxy");
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().code == Errc::network);
    CHECK(outcome.error().message.find("the host name cannot be resolved") != std::string::npos);
    CHECK(outcome.error().transient);
    CHECK(outcome.error().once_more != has_answered);
  }
}

TEST_CASE("304 and 409 to a conditional put are conflicts like 412") {
  for (const char* status : {"304 Not Modified", "409 Conflict"}) {
    World world([&](const SeenRequest&, std::size_t) {
      return ServerAnswer{answer(status, ""), Then::close, false};
    });
    Put put;
    put.key = "lock";
    put.payload = make_payload("x");
    put.if_absent = true;
    const Outcome outcome = world.submit(put);
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().code == Errc::conflict);
    CHECK(world.saw(0, "if-none-match: *\r\n"));
  }
}

TEST_CASE("200 with an error in its body is that error") {
  World world([](const SeenRequest&, std::size_t) {
    return ok("<Error><Code>InternalError</Code><Message>try again</Message></Error>");
  });
  Copy copy;
  copy.from_key = "a";
  copy.key = "b";
  const Outcome outcome = world.submit(copy);
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code_text == "InternalError");
  CHECK(outcome.error().transient);
}

TEST_CASE("200 with nothing useful in its body is like a 500") {
  for (const char* body : {"", "<html/>", "<CopyObj"}) {
    World world([&](const SeenRequest&, std::size_t) { return ok(body); });
    Copy copy;
    copy.from_key = "a";
    copy.key = "b";
    const Outcome outcome = world.submit(copy);
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().code == Errc::remote);
    CHECK(outcome.error().transient);
  }
}

TEST_CASE("the region is learned from a refusal, once, and kept") {
  World world([](const SeenRequest& request, std::size_t) {
    if (request.head.find("/garage/s3/") == std::string::npos) {
      return error("400 Bad Request", "AuthorizationHeaderMalformed", "<Region>garage</Region>");
    }
    return ok();
  });
  const Outcome first = world.submit(Head{"a"});
  REQUIRE_FALSE(first.ok());  // a HEAD has no body to learn from
  REQUIRE(world.put("x").ok());
  REQUIRE(world.submit(Head{"a"}).ok());
  CHECK(world.server.seen().size() == 4);
}

TEST_CASE(
    "a region in a header is learned too, and a server that sends us in circles is not followed") {
  World world([](const SeenRequest&, std::size_t number) {
    return ServerAnswer{answer("301 Moved",
                               "",
                               number % 2 == 0 ? "x-amz-bucket-region: eu-west-1\r\n"
                                               : "x-amz-bucket-region: us-east-1\r\n"),
                        Then::keep,
                        false};
  });
  const Outcome outcome = world.submit(Head{"a"});
  REQUIRE_FALSE(outcome.ok());
  CHECK(world.server.seen().size() == 2);
  CHECK(world.saw(1, "/eu-west-1/s3/"));
}

TEST_CASE("a clock that is off is corrected from the server's date, once for each request") {
  World world([](const SeenRequest& request, std::size_t) {
    if (request.head.find("x-amz-date: 20270115T0820") == std::string::npos) {
      return error(
          "403 Forbidden", "RequestTimeTooSkewed", {}, "Date: Fri, 15 Jan 2027 08:20:00 GMT\r\n");
    }
    return ok();
  });
  REQUIRE(world.put("x").ok());
  CHECK(world.server.seen().size() == 2);
  REQUIRE(world.put("x").ok());
  CHECK(world.server.seen().size() == 3);
}

TEST_CASE("a cached date teaches nothing") {
  World world([](const SeenRequest&, std::size_t) {
    return error("403 Forbidden",
                 "RequestTimeTooSkewed",
                 {},
                 "Date: Fri, 15 Jan 2027 08:20:00 GMT\r\nAge: 1200\r\n");
  });
  const Outcome outcome = world.put("x");
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == Errc::auth);
  CHECK(world.server.seen().size() == 1);
}

TEST_CASE("expired credentials are refreshed once") {
  World world([](const SeenRequest& request, std::size_t) {
    return request.head.find("SECONDKEY") != std::string::npos ? ok()
                                                               : error("400 Bad", "ExpiredToken");
  });
  REQUIRE(world.put("x").ok());
  CHECK(world.credentials->refused_ == "FIRSTKEY");
  World hopeless([](const SeenRequest&, std::size_t) { return error("400 Bad", "ExpiredToken"); });
  const Outcome outcome = hopeless.put("x");
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == Errc::auth);
  CHECK(hopeless.server.seen().size() == 2);
}

TEST_CASE("where the newer listing is missing the older one is used from then on") {
  World world([](const SeenRequest& request, std::size_t) {
    return request.head.find("list-type=2") != std::string::npos
               ? error("501 Not Implemented", "NotImplemented")
               : ok(k_page);
  });
  ListPage page;
  page.prefix = "p/";
  page.start_after = "o";
  REQUIRE(world.submit(page).ok());
  REQUIRE(world.submit(page).ok());
  CHECK(world.server.seen().size() == 3);
  CHECK(world.saw(1, "marker=o&"));
}

TEST_CASE("a store that ignores start-after is asked in the older way") {
  World world([](const SeenRequest& request, std::size_t) {
    return request.head.find("marker=p%2Fa") != std::string::npos
               ? ok("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
               : ok(k_page);
  });
  ListPage page;
  page.prefix = "p/";
  page.start_after = "p/a";
  const Outcome outcome = world.submit(page);
  REQUIRE(outcome.ok());
  CHECK(outcome.value().objects.empty());
}

TEST_CASE("a listing with a key that was not asked for is refused") {
  World world([](const SeenRequest&, std::size_t) { return ok(k_page); });
  ListPage page;
  page.prefix = "q/";
  const Outcome outcome = world.submit(page);
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == Errc::remote);
  CHECK_FALSE(outcome.error().transient);
}

TEST_CASE("where DeleteObjects is missing keys are deleted one by one, from then on at once") {
  World world([](const SeenRequest& request, std::size_t) {
    return request.head.substr(0, 4) == "POST" ? error("501 Not Implemented", "NotImplemented")
           : request.head.find("/bucket/b ") != std::string::npos
               ? error("403 Forbidden", "AccessDenied")
               : ok();
  });
  const Outcome outcome = world.submit(DeleteMany{{"a", "b", "c"}});
  REQUIRE(outcome.ok());
  REQUIRE(outcome.value().failures.size() == 1);
  CHECK(outcome.value().failures[0].key == "b");
  CHECK(outcome.value().failures[0].code == "AccessDenied");
  CHECK(outcome.value().requests == 4);
  REQUIRE(world.submit(DeleteMany{{"d"}}).ok());
  CHECK(world.server.seen().size() == 5);
}

TEST_CASE("a target may begin with single deletes and with ETags without quotes") {
  World world([](const SeenRequest&, std::size_t) { return ok("", "ETag: \"abc\"\r\n"); },
              {.if_match = IfMatch::bare, .delete_many = false});
  REQUIRE(world.submit(DeleteMany{{"a", "b"}}).ok());
  REQUIRE(world.server.seen().size() == 2);
  CHECK(world.saw(0, "DELETE /bucket/"));
  CHECK(world.saw(1, "DELETE /bucket/"));
  Put put;
  put.key = "a";
  put.payload = make_payload("x");
  put.media_type = "text/plain";
  put.if_match = "abc";
  REQUIRE(world.submit(put).ok());
  CHECK(world.saw(2, "if-match: abc\r\n"));
}

TEST_CASE("a store that finds no such upload when asked for all has none") {
  World world([](const SeenRequest&, std::size_t) { return error("404 x", "NoSuchUpload"); });
  const Outcome listed = world.submit(ListUploads{});
  REQUIRE(listed.ok());
  CHECK(listed.value().uploads.empty());
  CHECK(world.submit(ListParts{"a", "id", 0}).error().code == Errc::not_found);
}

TEST_CASE("what a store does in silence for long is waited for longer") {
  const auto patience = [](const Operation& operation) {
    S3RequestContext context;
    context.bucket = "bucket";
    return make_s3_request(operation, context).value().patience;
  };
  CHECK(patience(Head{"a"}) == std::chrono::seconds(30));
  CHECK(patience(DeleteMany{{"a", "b"}}) == std::chrono::seconds(120));
}

TEST_CASE("a key that XML cannot carry is deleted by itself") {
  World world([](const SeenRequest&, std::size_t) { return ok(); });
  REQUIRE(world.submit(DeleteMany{{"bell\x07"}}).ok());
  CHECK(world.saw(0, "DELETE /bucket/bell%07 HTTP"));
}

TEST_CASE("a store that compares an ETag with its quotes gets it without, once that is known") {
  const std::string etag(32, 'a');
  World world([&](const SeenRequest& request, std::size_t) {
    if (request.head.substr(0, 4) == "HEAD") {
      return ok("", "ETag: \"" + etag + "\"\r\n");
    }
    return request.head.find("if-match: " + etag) != std::string::npos
               ? ok()
               : error("412 x", "PreconditionFailed");
  });
  Put put;
  put.key = "current";
  put.payload = make_payload("x");
  put.if_match = etag;
  const Outcome outcome = world.submit(put);
  REQUIRE(outcome.ok());
  CHECK(outcome.value().requests == 3);
  REQUIRE(world.submit(put).ok());
  CHECK(world.server.seen().size() == 4);
  put.if_match = std::string(32, 'b');
  const Outcome refused = world.submit(put);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::conflict);
}

TEST_CASE("where no demand for an ETag is ever met, it is looked at before the write") {
  const std::string etag(32, 'a');
  for (const bool has_versions : {true, false}) {
    World world([&](const SeenRequest& request, std::size_t) {
      if (request.head.substr(0, 4) == "HEAD") {
        return ok("",
                  "ETag: \"" + etag + "\"\r\n" + (has_versions ? "x-amz-version-id: v\r\n" : ""));
      }
      return request.head.find("if-match: ") == std::string::npos
                 ? ok()
                 : error("412 x", "PreconditionFailed");
    });
    Put put;
    put.key = "current";
    put.payload = make_payload("x");
    put.if_match = etag;
    const Outcome outcome = world.submit(put);
    CHECK(outcome.ok() == has_versions);  // elsewhere a refusal means what it says
    if (has_versions) {
      CHECK(outcome.value().requests == 5);
      REQUIRE(world.submit(put).ok());
      CHECK(world.server.seen().size() == 7);
      put.if_match = std::string(32, 'b');
      const Outcome refused = world.submit(put);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().code == Errc::conflict);
      CHECK(world.server.seen().size() == 8);  // nothing was written
    }
  }
}

TEST_CASE("another range than was asked for never reaches the sink") {
  World world([](const SeenRequest&, std::size_t) {
    return ServerAnswer{
        answer("206 Partial", "XXXX", "Content-Range: bytes 0-3/10\r\n"), Then::keep, false};
  });
  std::string received;
  Get get;
  get.key = "a";
  get.offset = 2;
  get.count = 4;
  get.sink = [&](std::string_view bytes) -> Result<void> {
    received += bytes;
    return {};
  };
  const Outcome outcome = world.submit(get);
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().message.find("another range") != std::string::npos);
  CHECK(received.empty());
}

TEST_CASE("no secret is in an error, even when the server sends it back") {
  World world([](const SeenRequest& request, std::size_t) {
    return error("403 Forbidden", "AccessDenied", "<Message>" + request.head + "</Message>");
  });
  const Outcome outcome = world.put("x");
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().message.find("CANARY") == std::string::npos);
  CHECK(outcome.error().message.find("Signature=") == std::string::npos);
}

TEST_CASE("a header that would break the request is refused before anything is sent") {
  World world([](const SeenRequest&, std::size_t) { return ok(); });
  for (const Header& header : {Header{"cache-control", "a\r\nx-evil: 1"},
                               Header{"host", "elsewhere"},
                               Header{"content-length", "5"},
                               Header{"bad name", "x"}}) {
    Put put;
    put.key = "a";
    put.payload = make_payload("x");
    put.headers = {header};
    const Outcome outcome = world.submit(put);
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().code == Errc::config);
  }
  CHECK(world.server.seen().empty());
}
