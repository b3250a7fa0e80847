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
  std::function<std::vector<std::string>(const std::string&)> cuts;

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
        {"", cuts},
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

namespace {

// A World of many keys, cut at every tenth.
struct Sharded : World {
  explicit Sharded(int count) {
    for (int i = 0; i < count; ++i) {
      all.push_back("f" + std::to_string(1000 + i));
    }
    for (const std::string& key : all) {
      Put put;
      put.key = key;
      put.payload = make_payload("x");
      REQUIRE(run(loop, memory, put).ok());
    }
    all.insert(all.begin(), {"a", "b", "c", "d", "e"});
    cuts = [this](const std::string& after) {
      ++asked;
      std::vector<std::string> out;
      for (std::size_t i = 10; i < all.size(); i += 10) {
        if (all[i] > after) {
          out.push_back(all[i]);
        }
      }
      return out;
    };
  }
  std::vector<std::string> all;
  int asked = 0;
};

// How many listings are under way at once, at most. `loop` runs completions later than submissions.
struct Gauge {
  int now = 0;
  int most = 0;
};

}  // namespace

TEST_CASE(
    "a long listing is cut at known keys, listed at several places at once, and comes in order") {
  Sharded world(95);
  Gauge gauge;
  world.scripted.instead = [&](const Operation&) -> std::optional<StoreError> {
    gauge.most = std::max(gauge.most, ++gauge.now);
    return std::nullopt;
  };
  world.scripted.afterwards = [&](const Operation&, Outcome outcome) -> Outcome {
    --gauge.now;
    return outcome;
  };
  REQUIRE(world.list(1000).ok());
  CHECK(world.keys == world.all);
  CHECK(world.asked == 1);
  CHECK(gauge.most == 8);
}

TEST_CASE("a listing of one page asks for no cuts and costs one request") {
  World world;
  world.memory.submit(DeleteMany{{"c", "d", "e"}}, [](const Outcome&) {});
  world.loop.drain();
  world.cuts = [](const std::string&) -> std::vector<std::string> {
    FAIL("asked");
    return {};
  };
  REQUIRE(world.list().ok());
  CHECK(world.keys == std::vector<std::string>{"a", "b"});
  CHECK(world.scripted.log.size() == 1);
}

TEST_CASE("cuts that the store does not hold lose nothing and repeat nothing") {
  Sharded world(30);
  world.cuts = [](const std::string&) -> std::vector<std::string> {
    return {"bb", "c", "f", "f1004x", "f1010", "z1", "z2"};
  };
  REQUIRE(world.list(1000).ok());
  CHECK(world.keys == world.all);
}

TEST_CASE("a store that begins at no key is listed by its tokens, and nothing comes twice") {
  Sharded world(60);
  // Pages by token alone: start-after is ignored.
  world.scripted.instead = [](const Operation&) -> std::optional<StoreError> {
    return std::nullopt;
  };
  struct Deaf final : ObjectStore {
    explicit Deaf(ObjectStore& store) : inner(store) {}
    void submit(Operation operation, Completion done) override {
      if (auto* list = std::get_if<ListPage>(&operation)) {
        list->start_after.clear();
      }
      inner.submit(std::move(operation), std::move(done));
    }
    ObjectStore& inner;
  } deaf(world.memory);
  std::optional<Result<void, StoreError>> out;
  std::vector<std::string> keys;
  list_all(
      deaf,
      {"", world.cuts},
      [&](const std::vector<ObjectInfo>& page) {
        for (const ObjectInfo& object : page) {
          keys.push_back(object.key);
        }
        return true;
      },
      [&](Result<void, StoreError> result) { out.emplace(std::move(result)); });
  world.loop.run_until([&] { return out.has_value(); });
  REQUIRE(out->ok());
  CHECK(keys == world.all);
}

TEST_CASE("an error in one range ends the listing once, after what is under way") {
  Sharded world(95);
  int answered = 0;
  world.scripted.instead = [&](const Operation& operation) -> std::optional<StoreError> {
    const auto& list = std::get<ListPage>(operation);
    return list.start_after >= "f1044" ? std::optional(connection_reset()) : std::nullopt;
  };
  world.scripted.afterwards = [&](const Operation&, Outcome outcome) -> Outcome {
    ++answered;
    return outcome;
  };
  const auto result = world.list(1000);
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == Errc::network);
  world.loop.drain();
  CHECK(std::is_sorted(world.keys.begin(), world.keys.end()));
}

TEST_CASE("a caller that has enough ends a cut listing too") {
  Sharded world(95);
  REQUIRE(world.list(4).ok());
  CHECK(world.keys.size() == 8);
  CHECK(world.keys == std::vector<std::string>(world.all.begin(), world.all.begin() + 8));
}
