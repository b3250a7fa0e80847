// Where each operation goes when a target keeps its state in another place than its site.

#include "plugins/host/store/state_store.hpp"

#include "plugins/host/store/dry_run_store.hpp"
#include "plugins/host/store/memory_store.hpp"
#include "plugins/host/store/prefix_store.hpp"
#include "plugins/host/store/transfer.hpp"
#include "tests/unit/store/fake_loop.hpp"
#include "tests/unit/store/scripted_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace deployflow;
using namespace deployflow::store;

namespace {

using Names = std::vector<std::string>;

constexpr std::size_t k_part = 5U << 20;

// The site in one bucket under a prefix, the state in another under another.
struct World {
  FakeLoop loop;
  MemoryStore site_memory{loop};
  MemoryStore state_memory{loop};
  ScriptedStore site{site_memory, loop};
  ScriptedStore state{state_memory, loop};
  PrefixStore site_prefixed{site, "www/"};
  PrefixStore state_prefixed{state, "kept/"};
  StateStore store{{site_prefixed, {"public", "www/"}}, {state_prefixed, {"private", "kept/"}}};

  World() {
    site_memory.add_neighbour("private", state_memory);
    state_memory.add_neighbour("public", site_memory);
  }

  Outcome submit(Operation operation) { return run(loop, store, std::move(operation)); }
  Reply must(Operation operation) {
    Outcome outcome = submit(std::move(operation));
    REQUIRE(outcome.ok());
    return std::move(*outcome);
  }
  std::string put(const std::string& key, std::string bytes) {
    Put put;
    put.key = key;
    put.payload = make_payload(std::move(bytes));
    put.media_type = "text/css";
    return must(std::move(put)).object.etag;
  }
  void forget() {
    site.log.clear();
    state.log.clear();
  }
  [[nodiscard]] std::string in_site(const std::string& key) const {
    return bytes_of(site_memory, key);
  }
  [[nodiscard]] std::string in_state(const std::string& key) const {
    return bytes_of(state_memory, key);
  }

 private:
  static std::string bytes_of(const MemoryStore& memory, const std::string& key) {
    const auto found = memory.objects().find(key);
    return found == memory.objects().end() ? "nothing" : *found->second.bytes;
  }
};

Names keys_of(const Reply& reply) {
  Names out;
  for (const ObjectInfo& object : reply.objects) {
    out.push_back(object.key);
  }
  return out;
}

/// One operation of each kind that is about a key or a prefix.
std::vector<Operation> all_about(const std::string& key) {
  std::vector<Operation> out;
  ListPage page;
  page.prefix = key;
  out.emplace_back(page);
  out.emplace_back(Head{key});
  Get get;
  get.key = key;
  out.emplace_back(get);
  Put put;
  put.key = key;
  put.payload = make_payload("x");
  out.emplace_back(put);
  out.emplace_back(Delete{key, {}});
  out.emplace_back(DeleteMany{{key, key + "2"}});
  Copy copy;
  copy.from_key = key;
  copy.key = key + "2";
  out.emplace_back(copy);
  Copy from_elsewhere = copy;
  from_elsewhere.from_bucket = "elsewhere";
  out.emplace_back(from_elsewhere);
  out.emplace_back(CreateUpload{key, "", {}});
  out.emplace_back(UploadPart{key, "id", 1, make_payload("x")});
  CopyPart part;
  part.key = key;
  part.from_key = key + "2";
  out.emplace_back(part);
  out.emplace_back(CompleteUpload{key, "id", {}, {}, false});
  out.emplace_back(AbortUpload{key, "id"});
  out.emplace_back(ListParts{key, "id", 0});
  ListUploads uploads;
  uploads.prefix = key;
  out.emplace_back(uploads);
  out.emplace_back(GetTags{key});
  out.emplace_back(SetTags{key, {}});
  return out;
}

}  // namespace

TEST_CASE("each operation goes, once, where its key lies, with the prefix of that place") {
  for (const bool is_reserved : {false, true}) {
    const std::string key = is_reserved ? ".deployflow/current.json" : "index.html";
    std::size_t kinds = 0;
    for (const Operation& operation : all_about(key)) {
      World world;
      std::string asked;
      const auto note = [&](const Operation& seen) -> std::optional<StoreError> {
        asked = operation_key(seen);
        return std::nullopt;
      };
      world.site.instead = world.state.instead = note;
      CAPTURE(key);
      CAPTURE(operation_name(operation));
      static_cast<void>(world.submit(operation));
      const Names expected{std::string(operation_name(operation))};
      CHECK((is_reserved ? world.state : world.site).log == expected);
      CHECK((is_reserved ? world.site : world.state).log.empty());
      if (!operation_key(operation).empty()) {
        CHECK(asked == (is_reserved ? "kept/" : "www/") + std::string(operation_key(operation)));
      }
      ++kinds;
    }
    CHECK(kinds == 17);
  }
}

TEST_CASE("what is about the bucket is about the site's") {
  World world;
  for (const Operation& operation : {Operation(GetBucketConfig{}),
                                     Operation(SetBucketConfig{}),
                                     Operation(BucketExists{}),
                                     Operation(CreateBucket{}),
                                     Operation(ListPage{}),
                                     Operation(ListUploads{})}) {
    static_cast<void>(world.submit(operation));
  }
  CHECK(world.site.log.size() == 6);
  CHECK(world.state.log.empty());
}

TEST_CASE("names that only begin like the reserved folder are files of the site") {
  World world;
  for (const char* key : {".deployflow", ".deployflowx/a", "a/.deployflow/current.json"}) {
    world.put(key, key);
    CHECK(world.in_site("www/" + std::string(key)) == key);
  }
  CHECK(world.state_memory.objects().empty());
}

TEST_CASE("a listing is of the place that its prefix names") {
  World world;
  world.put("a.css", "a");
  world.put(".deployflow/current.json", "{}");
  world.put(".deployflow/blobs/1", "1");
  CHECK(keys_of(world.must(ListPage{})) == Names{"a.css"});
  ListPage state;
  state.prefix = ".deployflow/";
  CHECK(keys_of(world.must(state)) == Names{".deployflow/blobs/1", ".deployflow/current.json"});
  state.start_after = ".deployflow/blobs/1";
  CHECK(keys_of(world.must(state)) == Names{".deployflow/current.json"});
}

TEST_CASE("a copy from one place to the other is the server's, with its headers, in both ways") {
  World world;
  const std::string etag = world.put("a.css", "a style");
  world.forget();
  Copy out;
  out.from_key = "a.css";
  out.key = ".deployflow/blobs/1";
  out.if_match = etag;
  out.replace = {"application/octet-stream", {}};
  const Reply kept = world.must(out);
  CHECK(kept.object.etag == etag);
  CHECK(kept.object.key == ".deployflow/blobs/1");
  CHECK(kept.requests == 2);
  CHECK(world.site.log == Names{"HeadObject"});
  CHECK(world.state.log == Names{"CopyObject"});
  CHECK(world.in_state("kept/.deployflow/blobs/1") == "a style");
  CHECK(world.state_memory.objects().at("kept/.deployflow/blobs/1").info.media_type ==
        "application/octet-stream");
  world.forget();
  Copy back;
  back.from_key = ".deployflow/blobs/1";
  back.key = "b.css";
  CHECK(world.must(back).requests == 1);
  CHECK(world.site.log == Names{"CopyObject"});
  CHECK(world.state.log.empty());
  CHECK(world.in_site("www/b.css") == "a style");
}

TEST_CASE("a copy between the places of a source that changed or is gone does not happen") {
  World world;
  world.put("a.css", "another style");
  Copy copy;
  copy.from_key = "a.css";
  copy.key = ".deployflow/blobs/1";
  copy.if_match = to_hex(md5("a style"));
  const Outcome changed = world.submit(copy);
  REQUIRE_FALSE(changed.ok());
  CHECK(changed.error().code == Errc::conflict);
  CHECK(changed.error().http_status == 412);
  CHECK(changed.error().message.find("a.css has the ETag") != std::string::npos);
  copy.from_key = "b.css";
  const Outcome gone = world.submit(copy);
  REQUIRE_FALSE(gone.ok());
  CHECK(gone.error().code == Errc::not_found);
  CHECK(world.state_memory.objects().empty());
}

TEST_CASE("parts are copied between the places as well") {
  World world;
  const std::string bytes = std::string(k_part, 'a') + "tail";
  world.put(".deployflow/blobs/1", bytes);
  world.forget();
  const std::string id = world.must(CreateUpload{"big.bin", "", {}}).upload_id;
  CompleteUpload complete{"big.bin", id, {}, {}, false};
  for (std::uint32_t number = 1; number <= 2; ++number) {
    CopyPart part;
    part.key = "big.bin";
    part.upload_id = id;
    part.number = number;
    part.from_key = ".deployflow/blobs/1";
    part.offset = (number - 1) * k_part;
    part.size = number == 1 ? k_part : 4;
    complete.parts.push_back(world.must(part).parts.front());
  }
  world.must(complete);
  CHECK(world.in_site("www/big.bin") == bytes);
  CHECK(world.state.log.empty());
}

TEST_CASE("of many that are deleted each goes from its place, and the failures of both are told") {
  World world;
  world.put("a", "a");
  world.put(".deployflow/b", "b");
  world.put("stays", "c");
  world.site.afterwards = world.state.afterwards = [](const Operation& operation, Outcome outcome) {
    const auto& keys = std::get<DeleteMany>(operation).keys;
    outcome->failures.push_back({keys.back(), "AccessDenied", ""});
    return outcome;
  };
  const Reply reply = world.must(DeleteMany{{"a", ".deployflow/b", ".deployflow/d", "c"}});
  Names failed;
  for (const DeleteFailure& failure : reply.failures) {
    failed.push_back(failure.key);
  }
  std::sort(failed.begin(), failed.end());
  CHECK(failed == Names{".deployflow/d", "c"});
  CHECK(reply.requests == 2);
  CHECK(world.site_memory.objects().size() == 1);
  CHECK(world.state_memory.objects().empty());
}

TEST_CASE("deleting in both places fails when it fails in one, after both have answered") {
  for (const bool is_state : {false, true}) {
    World world;
    world.put("a", "a");
    world.put(".deployflow/b", "b");
    (is_state ? world.state : world.site).instead = [](const Operation&) {
      return std::optional(slow_down());
    };
    const Outcome outcome = world.submit(DeleteMany{{"a", ".deployflow/b"}});
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().code_text == "SlowDown");
    CHECK(outcome.error().requests == 2);
    CHECK(world.site_memory.objects().size() == (is_state ? 0 : 1));
    CHECK(world.state_memory.objects().size() == (is_state ? 1 : 0));
  }
}

TEST_CASE("a dry run over both reads both, and copies between them are swallowed") {
  World world;
  world.put(".deployflow/current.json", "{}");
  DryRunStore dry(world.store, world.loop);
  Get get;
  get.key = ".deployflow/current.json";
  CHECK(run(world.loop, dry, get).value().body == "{}");
  Copy copy;
  copy.from_key = ".deployflow/blobs/not-made-in-a-dry-run";
  copy.key = "a.css";
  copy.if_match = "0123";
  CHECK(run(world.loop, dry, copy).value().object.etag == "0123");
  REQUIRE(run(world.loop, dry, Delete{".deployflow/current.json", {}}).ok());
  CHECK(world.state_memory.objects().size() == 1);
  CHECK(world.site_memory.objects().empty());
}

TEST_CASE("a transfer inside the target is a copy of the server, or a stream where it cannot") {
  for (const bool can_copy : {true, false}) {
    World world;
    ThreadPool pool(1);
    ByteBudget budget(32U << 20);
    const std::string etag = world.put(".deployflow/blobs/1", "a style");
    world.forget();
    if (!can_copy) {
      world.site.instead = [](const Operation& operation) -> std::optional<StoreError> {
        return std::holds_alternative<Copy>(operation) ? std::optional(slow_down()) : std::nullopt;
      };
    }
    TransferRequest request;
    request.from_key = ".deployflow/blobs/1";
    request.key = "a.css";
    request.size = 7;
    request.etag = etag;
    request.server_side =
        ServerSide{"private", "kept/.deployflow/blobs/1", std::make_shared<CopyHabits>()};
    std::optional<StoredOutcome> out;
    transfer(world.store,
             {world.store, world.loop, pool, budget, budget},
             request,
             [&](StoredOutcome outcome) { out.emplace(std::move(outcome)); });
    world.loop.run_until([&] { return out.has_value(); });
    REQUIRE(out->ok());
    CHECK(out->value().confirmed);
    CHECK(world.in_site("www/a.css") == "a style");
    CHECK(world.state.count("GetObject") == (can_copy ? 0 : 1));
    world.loop.drain();
  }
}
