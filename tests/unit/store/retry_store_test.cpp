#include "plugins/host/store/retry_store.hpp"

#include "plugins/host/store/memory_store.hpp"
#include "tests/unit/store/fake_loop.hpp"
#include "tests/unit/store/scripted_store.hpp"

#include <doctest/doctest.h>

using namespace deployflow;
using namespace deployflow::store;
using std::chrono::milliseconds;

namespace {

struct World {
  FakeLoop loop;
  MemoryStore memory{loop};
  ScriptedStore scripted{memory, loop};
  std::shared_ptr<RetryQuota> quota = std::make_shared<RetryQuota>();
  RetryStore store{scripted, loop, quota, {5, [] { return 0.5; }}};

  Outcome put(const std::string& key, bool if_absent = false) {
    Put put;
    put.key = key;
    put.payload = make_payload("content");
    put.if_absent = if_absent;
    return run(loop, store, put);
  }
  void fail_times(int times, const StoreError& error) {
    scripted.instead = [times, error](const Operation&) mutable -> std::optional<StoreError> {
      return times-- > 0 ? std::optional(error) : std::nullopt;
    };
  }
};

}  // namespace

TEST_CASE("what may pass is repeated, with doubling waits and jitter") {
  World world;
  world.fail_times(4, slow_down());
  const Outcome outcome = world.put("a");
  REQUIRE(outcome.ok());
  CHECK(outcome.value().requests == 5);
  CHECK(world.loop.delays ==
        std::vector{milliseconds(500), milliseconds(1000), milliseconds(2000), milliseconds(4000)});
}

TEST_CASE(
    "a wait is anything from nothing to the ceiling, which grows to 20 seconds and no further") {
  World world;
  const auto waits = [&](double random) {
    world.loop.delays.clear();
    RetryStore store(world.scripted, world.loop, world.quota, {8, [random] { return random; }});
    world.fail_times(7, slow_down());
    REQUIRE(run(world.loop, store, Head{"never there"}).error().http_status == 404);
    return world.loop.delays;
  };
  CHECK(waits(0) == std::vector<milliseconds>(7, milliseconds(0)));
  CHECK(waits(1) == std::vector{milliseconds(1000),
                                milliseconds(2000),
                                milliseconds(4000),
                                milliseconds(8000),
                                milliseconds(16'000),
                                milliseconds(20'000),
                                milliseconds(20'000)});
}

TEST_CASE("after the last attempt the error comes out and says how many there were") {
  World world;
  world.fail_times(100, slow_down());
  const Outcome outcome = world.put("a");
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().message == "503 SlowDown (after 5 attempts)");
  CHECK(outcome.error().requests == 5);
}

TEST_CASE("what may pass once more is repeated once") {
  World world;
  StoreError unresolved = slow_down();
  unresolved.once_more = true;
  world.fail_times(100, unresolved);
  const Outcome outcome = world.put("a");
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().requests == 2);
}

TEST_CASE("what will not pass is not repeated") {
  World world;
  StoreError denied;
  denied.code = Errc::auth;
  denied.http_status = 403;
  world.fail_times(100, denied);
  REQUIRE_FALSE(world.put("a").ok());
  CHECK(world.scripted.log.size() == 1);
}

TEST_CASE("a Retry-After is waited for, up to a minute") {
  World world;
  StoreError error = slow_down();
  error.retry_after = milliseconds(7000);
  world.fail_times(1, error);
  REQUIRE(world.put("a").ok());
  error.retry_after = std::chrono::hours(5);
  world.fail_times(1, error);
  REQUIRE(world.put("b").ok());
  CHECK(world.loop.delays == std::vector{milliseconds(7000), milliseconds(60'000)});
}

TEST_CASE("the quota stops a storm of retries, and successes fill it up again") {
  World world;
  world.quota->take(490);
  world.fail_times(100, slow_down());
  REQUIRE_FALSE(world.put("a").ok());
  CHECK(world.scripted.log.size() == 3);  // 10 tokens pay for two retries
  CHECK(world.quota->tokens() == 0);
  world.scripted.instead = nullptr;
  REQUIRE(world.put("b").ok());
  CHECK(world.quota->tokens() == 1);
}

TEST_CASE("a request without an answer costs twice as much as one that was refused") {
  World world;
  world.quota->take(475);
  world.fail_times(100, connection_reset());
  REQUIRE_FALSE(world.put("a").ok());
  CHECK(world.scripted.log.size() == 3);  // 25 tokens pay for two retries
  CHECK(world.quota->tokens() == 5);
}

TEST_CASE("the quota belongs to the endpoint: a target that used it up leaves none to another") {
  World world;
  world.fail_times(1000, slow_down());
  RetryStore other(world.scripted, world.loop, world.quota, {1000, [] { return 0.5; }});
  REQUIRE_FALSE(run(world.loop, other, Head{"a"}).ok());
  CHECK(world.scripted.log.size() == 101);  // 500 tokens pay for 100 retries
  REQUIRE_FALSE(world.put("b").ok());
  CHECK(world.scripted.log.size() == 102);
}

TEST_CASE("a retry that succeeds gives its tokens back") {
  World world;
  world.fail_times(1, connection_reset());
  REQUIRE(world.put("a").ok());
  CHECK(world.quota->tokens() == 500);
}

TEST_CASE("a conditional put whose answer was lost finds its own object and succeeds") {
  World world;
  bool lost = false;
  world.scripted.afterwards = [&](const Operation&, Outcome outcome) -> Outcome {
    if (!std::exchange(lost, true)) {
      return connection_reset();
    }
    return outcome;
  };
  const Outcome outcome = world.put("lock", true);
  REQUIRE(outcome.ok());
  CHECK(outcome.value().object.etag == to_hex(md5("content")));
  CHECK(outcome.value().requests == 3);
}

TEST_CASE("a conditional put that meets another's object stays a conflict, retried or not") {
  World world;
  Put theirs;
  theirs.key = "lock";
  theirs.payload = make_payload("theirs!");
  REQUIRE(run(world.loop, world.memory, theirs).ok());
  world.fail_times(1, connection_reset());
  const Outcome outcome = world.put("lock", true);
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == Errc::conflict);
}

TEST_CASE("a body that breaks off is continued behind the bytes that came") {
  World world;
  REQUIRE(world.put("a").ok());
  std::vector<std::uint64_t> offsets;
  world.scripted.instead = [&](const Operation& operation) -> std::optional<StoreError> {
    const auto& get = std::get<Get>(operation);
    offsets.push_back(get.offset);
    if (offsets.size() > 1) {
      CHECK(get.if_match == "etag-of-a");
      CHECK(get.count == 5U - 3U);
      CHECK(get.sink("nt").ok());
      return std::nullopt;
    }
    CHECK(get.sink("con").ok());
    StoreError error = connection_reset();
    error.etag = "etag-of-a";
    return error;
  };
  // The store behind has no such ETag: what counts is what was asked of it.
  world.scripted.afterwards = [](const Operation&, const Outcome&) -> Outcome { return Reply{}; };
  std::string received;
  Get get;
  get.key = "a";
  get.count = 5;
  get.sink = [&](std::string_view bytes) -> Result<void> {
    received += bytes;
    return {};
  };
  REQUIRE(run(world.loop, world.store, get).ok());
  CHECK(offsets == std::vector<std::uint64_t>{0, 3});
  CHECK(received == "connt");
}

TEST_CASE(
    "a body that breaks off without an ETag is not continued: it might be another object's rest") {
  World world;
  world.scripted.instead = [](const Operation& operation) -> std::optional<StoreError> {
    CHECK(std::get<Get>(operation).sink("con").ok());
    return connection_reset();
  };
  Get get;
  get.key = "a";
  get.sink = [](std::string_view) -> Result<void> { return {}; };
  REQUIRE_FALSE(run(world.loop, world.store, get).ok());
  CHECK(world.scripted.log.size() == 1);
}

TEST_CASE("nothing is repeated once the run is cancelled") {
  World world;
  world.scripted.instead = [&](const Operation&) -> std::optional<StoreError> {
    world.loop.stopped = true;
    return slow_down();
  };
  REQUIRE_FALSE(world.put("a").ok());
  CHECK(world.scripted.log.size() == 1);
}
