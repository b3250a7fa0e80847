#include "plugins/host/store/list_all.hpp"

#include "plugins/host/store/memory_store.hpp"
#include "tests/unit/store/fake_loop.hpp"
#include "tests/unit/store/scripted_store.hpp"

#include <doctest/doctest.h>

using namespace deployflow;
using namespace deployflow::store;

namespace {

struct World {
  FakeLoop loop;
  MemoryStore memory{loop, {.least_part = 1, .page = 2, .has_bucket = true}};
  ScriptedStore scripted{memory, loop};
  std::vector<std::string> keys;

  World() {
    for (const char* key : {"a", "b", "c", "d", "e"}) {
      Put put;
      put.key = key;
      put.payload = make_payload(key);
      REQUIRE(run(loop, memory, put).ok());
    }
  }
  Result<void, StoreError> list(std::size_t most_pages = 100) {
    std::optional<Result<void, StoreError>> out;
    std::size_t pages = 0;
    list_all(
        scripted,
        "",
        [&](const std::vector<ObjectInfo>& page) {
          for (const ObjectInfo& object : page) {
            keys.push_back(object.key);
          }
          return ++pages < most_pages;
        },
        [&](Result<void, StoreError> result) { out.emplace(std::move(result)); });
    loop.run_until([&] { return out.has_value(); });
    return std::move(*out);
  }
};

}  // namespace

TEST_CASE("all pages are listed, each once") {
  World world;
  REQUIRE(world.list().ok());
  CHECK(world.keys == std::vector<std::string>{"a", "b", "c", "d", "e"});
  CHECK(world.scripted.log.size() == 3);
}

TEST_CASE("a store that gives no token is asked for what lies behind the last key") {
  World world;
  world.scripted.afterwards = [](const Operation&, Outcome outcome) -> Outcome {
    outcome.value().next_token.clear();
    return outcome;
  };
  REQUIRE(world.list().ok());
  CHECK(world.keys.size() == 5);
}

TEST_CASE("a store that lists the same page for ever is found out") {
  World world;
  world.scripted.afterwards = [](const Operation&, Outcome) -> Outcome {
    Reply reply;
    reply.objects.resize(1);
    reply.objects[0].key = "a";
    reply.truncated = true;
    reply.next_token = "always new";
    return reply;
  };
  const auto result = world.list();
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == Errc::remote);
  CHECK(world.scripted.log.size() == 2);
}

TEST_CASE("empty pages with the same token end in an error") {
  World world;
  world.scripted.afterwards = [](const Operation&, Outcome) -> Outcome {
    Reply reply;
    reply.truncated = true;
    reply.next_token = "same";
    return reply;
  };
  REQUIRE_FALSE(world.list().ok());
}

TEST_CASE("whoever has seen enough ends the listing with success") {
  World world;
  REQUIRE(world.list(1).ok());
  CHECK(world.keys.size() == 2);
  CHECK(world.scripted.log.size() == 1);
}
