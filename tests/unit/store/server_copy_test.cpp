#include "plugins/host/store/server_copy.hpp"

#include "plugins/host/store/memory_store.hpp"
#include "plugins/host/store/transfer.hpp"
#include "tests/unit/store/fake_loop.hpp"
#include "tests/unit/store/scripted_store.hpp"

#include <doctest/doctest.h>

using namespace deployflow;
using namespace deployflow::store;

namespace {

constexpr std::size_t k_mib = 1U << 20;

// Two buckets of one server, and a transfer between them. MemoryStore gives a whole copy the MD5 of
// its bytes as its ETag, as AWS does, also where the source was uploaded in parts.
struct World {
  FakeLoop loop;
  ByteBudget budget{32 * k_mib};
  MemoryStore source_memory{loop};
  MemoryStore memory{loop};
  ScriptedStore source{source_memory, loop};
  ScriptedStore store{memory, loop};
  ThreadPool pool{2};
  std::shared_ptr<CopyHabits> habits = std::make_shared<CopyHabits>();

  World() { memory.add_neighbour("there", source_memory); }
  ~World() { loop.drain(); }

  ObjectInfo seed(const std::string& key, const std::string& content) {
    PutRequest request;
    request.key = key;
    request.source = std::make_shared<const std::string>(content);
    request.media_type = "text/css";
    request.headers = {{"cache-control", "max-age=1"}, {"x-amz-storage-class", "GLACIER"}};
    std::optional<StoredOutcome> out;
    put_object({source_memory, loop, pool, budget, budget}, request, [&](StoredOutcome o) {
      out.emplace(std::move(o));
    });
    loop.run_until([&] { return out.has_value(); });
    REQUIRE(out->ok());
    return out->value().object;
  }
  StoredOutcome carry(const std::string& key, const ObjectInfo& object) {
    TransferRequest request;
    request.from_key = key;
    request.key = key;
    request.size = object.size;
    request.etag = object.etag;
    request.server_side = ServerSide{"there", key, habits};
    std::optional<StoredOutcome> out;
    transfer(source, {store, loop, pool, budget, budget}, request, [&](StoredOutcome o) {
      out.emplace(std::move(o));
    });
    loop.run_until([&] { return out.has_value(); });
    return std::move(*out);
  }
  [[nodiscard]] std::string held(const std::string& key) const {
    const auto found = memory.objects().find(key);
    return found == memory.objects().end() ? "nothing" : *found->second.bytes;
  }
};

StoreError refused(std::string code, int status) {
  StoreError error;
  error.code = Errc::auth;
  error.http_status = status;
  error.code_text = std::move(code);
  return error;
}

template <class Op>
auto fails_at(StoreError error) {
  return [error](const Operation& operation) -> std::optional<StoreError> {
    return std::holds_alternative<Op>(operation) ? std::optional(error) : std::nullopt;
  };
}

}  // namespace

TEST_CASE("inside one endpoint no byte travels, and headers come along") {
  World world;
  const ObjectInfo object = world.seed("a.css", "p{}");
  const StoredOutcome stored = world.carry("a.css", object);
  REQUIRE(stored.ok());
  CHECK(stored.value().confirmed);
  CHECK(world.source.log == std::vector<std::string>{"HeadObject"});
  CHECK(world.store.log == std::vector<std::string>{"CopyObject", "HeadObject"});
  const auto& copy = world.memory.objects().at("a.css");
  CHECK(*copy.bytes == "p{}");
  CHECK(copy.info.media_type == "text/css");
  CHECK(copy.info.headers == std::vector<Header>{{"cache-control", "max-age=1"}});
}

TEST_CASE("a large object whose copy would get another ETag is copied in its parts") {
  World world;
  std::string content(20 * k_mib + 5, 'x');
  content[9 * k_mib] = 'y';
  const ObjectInfo object = world.seed("big.bin", content);
  const StoredOutcome stored = world.carry("big.bin", object);
  REQUIRE(stored.ok());
  CHECK(stored.value().confirmed);
  CHECK(stored.value().object.etag == object.etag);
  CHECK(world.held("big.bin") == content);
  CHECK(world.source.count("GetObject") == 0);
  CHECK(world.store.count("UploadPartCopy") == 3);
  CHECK(world.memory.uploads().empty());
  // The next one goes in parts at once.
  world.store.log.clear();
  const ObjectInfo second = world.seed("second.bin", content);
  REQUIRE(world.carry("second.bin", second).ok());
  CHECK(world.store.count("CopyObject") == 0);
}

TEST_CASE("what the store refuses to copy is streamed, and it is not asked again") {
  World world;
  world.store.instead = fails_at<Copy>(refused("AccessDenied", 403));
  for (const char* key : {"a.css", "b.css"}) {
    const ObjectInfo object = world.seed(key, std::string("p{}") + key);
    REQUIRE(world.carry(key, object).ok());
    CHECK(world.held(key) == std::string("p{}") + key);
  }
  CHECK(world.store.count("CopyObject") == 1);
  CHECK(world.source.count("GetObject") == 2);
}

TEST_CASE("a refusal that may pass is not held against the store") {
  World world;
  world.store.instead = fails_at<Copy>(slow_down());
  const ObjectInfo object = world.seed("a.css", "p{}");
  REQUIRE(world.carry("a.css", object).ok());
  CHECK_FALSE(world.habits->never);
}

TEST_CASE("a copy with other bytes is not believed") {
  World world;
  const ObjectInfo object = world.seed("a.css", "p{}");
  world.store.afterwards = [&](const Operation& operation, Outcome outcome) -> Outcome {
    if (std::holds_alternative<Copy>(operation)) {
      Put put;
      put.key = "a.css";
      put.payload = make_payload("bad");
      world.memory.submit(put, [](const Outcome&) {});
      world.loop.drain();
    }
    return outcome;
  };
  REQUIRE(world.carry("a.css", object).ok());
  CHECK(world.held("a.css") == "p{}");
  CHECK(world.source.count("GetObject") == 1);
}

TEST_CASE("a copy in parts that breaks leaves no upload, and the object is streamed") {
  World world;
  const std::string content(20 * k_mib, 'x');
  const ObjectInfo object = world.seed("big.bin", content);
  world.store.instead = fails_at<CopyPart>(refused("NotImplemented", 501));
  REQUIRE(world.carry("big.bin", object).ok());
  CHECK(world.held("big.bin") == content);
  CHECK(world.memory.uploads().empty());
  CHECK(world.habits->never_in_parts);
}

TEST_CASE("a source with a percent sign in its key is not copied in parts") {
  World world;
  const std::string content(20 * k_mib, 'x');
  const ObjectInfo object = world.seed("100%.bin", content);
  REQUIRE(world.carry("100%.bin", object).ok());
  CHECK(world.held("100%.bin") == content);
  CHECK(world.store.count("UploadPartCopy") == 0);
}

TEST_CASE("a source that changed since it was listed is a conflict, copied or not") {
  World world;
  ObjectInfo object = world.seed("a.css", "p{}");
  object.etag = to_hex(md5("another"));
  const StoredOutcome stored = world.carry("a.css", object);
  REQUIRE_FALSE(stored.ok());
  CHECK(stored.error().code == Errc::conflict);
  CHECK(world.held("a.css") == "nothing");
}
