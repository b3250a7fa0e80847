#include "plugins/host/store/dry_run_store.hpp"
#include "plugins/host/store/limit_store.hpp"
#include "plugins/host/store/memory_store.hpp"
#include "plugins/host/store/part_size.hpp"
#include "plugins/host/store/prefix_store.hpp"
#include "tests/unit/store/fake_loop.hpp"
#include "tests/unit/store/scripted_store.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace deployflow;
using namespace deployflow::store;
using Verdict = ConcurrencyLimit::Verdict;

namespace {

Put make_put(const std::string& key) {
  Put put;
  put.key = key;
  put.payload = make_payload("content");
  return put;
}

}  // namespace

TEST_CASE("no more run at once than the limit says, and the next begins when one ends") {
  ConcurrencyLimit limit(2);
  int started = 0;
  for (int i = 0; i < 5; ++i) {
    limit.acquire([&](std::uint64_t) { ++started; });
  }
  CHECK(started == 2);
  limit.release(0, Verdict::good);
  CHECK(started == 3);
}

TEST_CASE(
    "throttling halves the limit once for all that were in flight, successes raise it by one") {
  ConcurrencyLimit limit(8);
  std::vector<std::uint64_t> epochs;
  const auto take = [&](int count) {
    for (int i = 0; i < count; ++i) {
      limit.acquire([&](std::uint64_t epoch) { epochs.push_back(epoch); });
    }
  };
  take(8);
  limit.release(epochs[0], Verdict::throttled);
  limit.release(epochs[1], Verdict::throttled);
  CHECK(limit.limit() == 4);
  for (int i = 2; i < 8; ++i) {
    limit.release(epochs[static_cast<std::size_t>(i)], Verdict::good);
  }
  CHECK(limit.limit() == 5);
  for (int i = 0; i < 200; ++i) {
    take(1);
    limit.release(epochs.back(), Verdict::good);
  }
  CHECK(limit.limit() == 8);
  for (int i = 0; i < 20; ++i) {
    take(1);
    limit.release(epochs.back(), Verdict::throttled);
  }
  CHECK(limit.limit() == 1);
}

TEST_CASE("a key from outside the prefix is refused") {
  FakeLoop loop;
  MemoryStore memory(loop);
  ScriptedStore hostile(memory, loop);
  hostile.afterwards = [](const Operation&, Outcome outcome) -> Outcome {
    outcome.value().objects.push_back({});
    outcome.value().objects.back().key = "elsewhere/secret";
    return outcome;
  };
  PrefixStore store(hostile, "site/");
  const Outcome outcome = run(loop, store, ListPage{});
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == Errc::remote);
  CHECK(outcome.error().message.find("elsewhere/secret") != std::string::npos);
}

TEST_CASE("objects are stored under the prefix and others are not seen") {
  FakeLoop loop;
  MemoryStore memory(loop);
  PrefixStore store(memory, "site/");
  REQUIRE(run(loop, memory, make_put("other")).ok());
  REQUIRE(run(loop, store, make_put("page")).ok());
  CHECK(memory.objects().contains("site/page"));
  const Outcome listed = run(loop, store, ListPage{});
  REQUIRE(listed.value().objects.size() == 1);
  CHECK(listed.value().objects[0].key == "page");
}

TEST_CASE("a dry run reads, changes nothing, and answers as if it had") {
  FakeLoop loop;
  MemoryStore memory(loop);
  REQUIRE(run(loop, memory, make_put("there")).ok());
  DryRunStore store(memory, loop);
  const Outcome put = run(loop, store, make_put("new"));
  REQUIRE(put.ok());
  CHECK(put.value().object.etag == to_hex(md5("content")));
  CHECK(put.value().requests == 0);
  REQUIRE(run(loop, store, Delete{"there", {}}).ok());
  REQUIRE(run(loop, store, DeleteMany{{"there"}}).ok());

  const Outcome created = run(loop, store, CreateUpload{"big", "", {}});
  const Outcome part =
      run(loop, store, UploadPart{"big", created.value().upload_id, 1, make_payload("x")});
  CompleteUpload complete;
  complete.key = "big";
  complete.upload_id = created.value().upload_id;
  complete.parts = part.value().parts;
  const std::array<Md5, 1> digests{md5("x")};
  CHECK(run(loop, store, complete).value().object.etag == composite_etag(digests));

  CHECK(run(loop, memory, Head{"there"}).ok());
  CHECK(memory.objects().size() == 1);
  CHECK(memory.uploads().empty());
}

TEST_CASE("a dry run sees what it would have written") {
  FakeLoop loop;
  MemoryStore memory(loop);
  for (const char* key : {"a", "c", "e"}) {
    REQUIRE(run(loop, memory, make_put(key)).ok());
  }
  DryRunStore store(memory, loop);
  Put put = make_put("b");
  put.media_type = "text/css";
  put.headers = {{"cache-control", "no-cache"}};
  REQUIRE(run(loop, store, put).ok());
  REQUIRE(run(loop, store, Delete{"c", {}}).ok());
  Copy copy;
  copy.from_key = "b";
  copy.key = "f";
  copy.if_match = "etag";
  copy.size = 7;
  REQUIRE(run(loop, store, copy).ok());
  put = make_put("e");
  put.payload = make_payload("longer than it was");
  REQUIRE(run(loop, store, put).ok());

  const Outcome head = run(loop, store, Head{"b"});
  REQUIRE(head.ok());
  CHECK(head.value().object.size == 7);
  CHECK(head.value().object.media_type == "text/css");
  CHECK(head.value().object.headers == std::vector<Header>{{"cache-control", "no-cache"}});
  CHECK(run(loop, store, Head{"c"}).error().code == Errc::not_found);
  CHECK(run(loop, store, Head{"a"}).ok());

  // Over the pages of a listing, wherever these are cut.
  const std::vector<ObjectInfo> held = run(loop, memory, ListPage{}).value().objects;
  for (std::size_t cut = 0; cut <= held.size(); ++cut) {
    PlannedListing listing(store.planned().below(""));
    std::string seen;
    const auto see = [&](const std::vector<ObjectInfo>& page) {
      for (const ObjectInfo& object : page) {
        seen += object.key + std::to_string(object.size) + " ";
      }
    };
    const auto middle = held.begin() + static_cast<std::ptrdiff_t>(cut);
    see(listing.lay_over({held.begin(), middle}));
    see(listing.lay_over({middle, held.end()}));
    see(listing.rest());
    CHECK(seen == "a7 b7 e18 f7 ");
  }
  CHECK(store.planned().below("e").size() == 1);
}
