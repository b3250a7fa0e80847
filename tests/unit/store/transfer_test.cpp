#include "plugins/host/store/transfer.hpp"

#include "plugins/host/store/memory_store.hpp"
#include "plugins/host/store/part_size.hpp"
#include "tests/unit/store/fake_loop.hpp"
#include "tests/unit/store/scripted_store.hpp"

#include <doctest/doctest.h>

using namespace deployflow;
using namespace deployflow::store;

namespace {

constexpr std::size_t k_mib = 1U << 20;

struct World {
  FakeLoop loop;
  ByteBudget budget{32 * k_mib};
  MemoryStore source_memory{loop};
  MemoryStore memory{loop};
  ScriptedStore source{source_memory, loop};
  ScriptedStore store{memory, loop};
  ThreadPool pool{2};

  ~World() { loop.drain(); }

  ObjectInfo seed(const std::string& content) {
    PutRequest request;
    request.key = "from";
    request.source = std::make_shared<const std::string>(content);
    request.media_type = "text/html; charset=utf-8";
    request.headers = {{"cache-control", "max-age=1"},
                       {"content-encoding", "gzip,aws-chunked"},
                       {"x-amz-meta-a", "b"},
                       {"x-amz-storage-class", "STANDARD"}};
    std::optional<StoredOutcome> out;
    put_object({source_memory, loop, pool, budget, budget}, request, [&](StoredOutcome o) {
      out.emplace(std::move(o));
    });
    loop.run_until([&] { return out.has_value(); });
    REQUIRE(out->ok());
    return out->value().object;
  }
  StoredOutcome carry(const ObjectInfo& object) {
    TransferRequest request;
    request.from_key = "from";
    request.key = "to";
    request.size = object.size;
    request.etag = object.etag;
    std::optional<StoredOutcome> out;
    transfer(source, {store, loop, pool, budget, budget}, request, [&](StoredOutcome o) {
      out.emplace(std::move(o));
    });
    loop.run_until([&] { return out.has_value(); });
    return std::move(*out);
  }
};

}  // namespace

TEST_CASE("an object of any size arrives with its bytes, its headers and the same ETag") {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{9}, 8 * k_mib, 10 * k_mib, 16 * k_mib, 40 * k_mib + 1}) {
    CAPTURE(size);
    World world;
    std::string content(size, 'x');
    for (std::size_t i = 0; i < size; i += 997) {
      content[i] = static_cast<char>(i);
    }
    const ObjectInfo source = world.seed(content);
    const StoredOutcome stored = world.carry(source);
    REQUIRE(stored.ok());
    CHECK(stored.value().confirmed);
    CHECK(stored.value().object.etag == source.etag);
    const auto& held = world.memory.objects().at("to");
    CHECK(*held.bytes == content);
    CHECK(held.info.media_type == "text/html; charset=utf-8");
    CHECK(held.info.headers == std::vector<Header>{{"cache-control", "max-age=1"},
                                                   {"content-encoding", "gzip"},
                                                   {"x-amz-meta-a", "b"}});
  }
}

TEST_CASE("a source that changed since it was listed is a conflict and nothing is written") {
  for (const std::size_t size : {std::size_t{9}, 20 * k_mib}) {
    World world;
    ObjectInfo source = world.seed(std::string(size, 'x'));
    source.etag = to_hex(md5("another"));
    const StoredOutcome stored = world.carry(source);
    REQUIRE_FALSE(stored.ok());
    CHECK(stored.error().code == Errc::conflict);
    CHECK(world.memory.objects().empty());
  }
}

TEST_CASE("bytes that do not fit the source's MD5 are read again") {
  World world;
  const ObjectInfo source = world.seed("content");
  int reads = 0;
  world.source.afterwards = [&](const Operation&, Outcome outcome) -> Outcome {
    if (++reads == 1) {
      outcome.value().body = "c0ntent";
    }
    return outcome;
  };
  REQUIRE(world.carry(source).ok());
  CHECK(reads == 2);
  CHECK(*world.memory.objects().at("to").bytes == "content");
}

TEST_CASE("a store that makes up its ETags can still be read: two readings agree") {
  World world;
  ObjectInfo source = world.seed("content");
  world.source.afterwards = [](const Operation&, Outcome outcome) -> Outcome {
    outcome.value().object.etag = "00000000000000000000000000000000";
    return outcome;
  };
  REQUIRE(world.carry(source).ok());
  CHECK(world.source.count("GetObject") == 2);
  CHECK(*world.memory.objects().at("to").bytes == "content");
}

TEST_CASE("a large source that was put in one piece is checked against its MD5") {
  World world;
  const std::string content(20 * k_mib, 'y');
  Put put;
  put.key = "from";
  put.payload = make_payload(content);
  const ObjectInfo source = run(world.loop, world.source_memory, put).value().object;
  int damaged = 0;
  world.source.afterwards = [&](const Operation& operation, Outcome outcome) -> Outcome {
    if (std::holds_alternative<Get>(operation) && ++damaged == 2) {
      outcome.value().body[0] = 'z';
    }
    return outcome;
  };
  const StoredOutcome stored = world.carry(source);
  REQUIRE(stored.ok());
  CHECK(*world.memory.objects().at("to").bytes == content);
  CHECK(world.store.count("UploadPart") == 4);  // three, and the damaged one again
}

TEST_CASE("a missing source is not found") {
  World world;
  ObjectInfo nothing;
  nothing.size = 5;
  const StoredOutcome stored = world.carry(nothing);
  REQUIRE_FALSE(stored.ok());
  CHECK(stored.error().code == Errc::not_found);
}
