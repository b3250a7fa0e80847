#include "plugins/host/store/put_object.hpp"

#include "plugins/host/store/memory_store.hpp"
#include "plugins/host/store/part_size.hpp"
#include "tests/unit/store/fake_loop.hpp"
#include "tests/unit/store/scripted_store.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace deployflow;
using namespace deployflow::store;

namespace {

constexpr std::size_t k_mib = 1U << 20;

std::string make_content(std::size_t size) {
  std::string content(size, '\0');
  std::uint32_t state = 12345;
  for (char& c : content) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return content;
}

class World {
 public:
  World() {
    char name[] = "/tmp/deployflow-put-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    folder_ = name;
  }
  ~World() {
    loop.drain();
    std::filesystem::remove_all(folder_);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  PutRequest file(const std::string& content) {
    const std::string path = (folder_ / "file").string();
    std::ofstream(path, std::ios::binary) << content;
    PutRequest request;
    request.key = "key";
    request.media_type = "video/mp4";
    request.headers = {{"cache-control", "no-cache"}};
    request.source = FileSource{path, open_regular(path).value().stamp};
    return request;
  }
  PutRequest bytes(const std::string& content) {
    PutRequest request;
    request.key = "key";
    request.source = std::make_shared<const std::string>(content);
    return request;
  }
  void append(const PutRequest& request, const std::string& more) {
    std::ofstream(std::get<FileSource>(request.source).path, std::ios::binary | std::ios::app)
        << more;
  }
  StoredOutcome put(PutRequest request) {
    std::optional<StoredOutcome> out;
    put_object({store, loop, pool, budget, budget}, std::move(request), [&](StoredOutcome outcome) {
      out.emplace(std::move(outcome));
    });
    loop.run_until([&] { return out.has_value(); });
    return std::move(*out);
  }
  std::string held() { return *memory.objects().at("key").bytes; }

  FakeLoop loop;
  ByteBudget budget{32 * k_mib};
  MemoryStore memory{loop};
  ScriptedStore store{memory, loop};

 private:
  std::filesystem::path folder_;

 public:
  ThreadPool pool{2};
};

}  // namespace

TEST_CASE("a file of any size arrives as it is, confirmed by its ETag") {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, k_mib, k_mib + 1, 16 * k_mib, 20 * k_mib + 7}) {
    CAPTURE(size);
    World world;
    const std::string content = make_content(size);
    const PutRequest request = world.file(content);
    const StoredOutcome stored = world.put(request);
    REQUIRE(stored.ok());
    CHECK(stored.value().confirmed);
    CHECK(stored.value().object.size == size);
    CHECK(stored.value().object.etag == expected_etag_of(content));
    CHECK(stored.value().object.etag ==
          expected_etag(std::get<FileSource>(request.source).path).value());
    CHECK(world.held() == content);
    CHECK(world.memory.objects().at("key").info.media_type == "video/mp4");
    CHECK(world.memory.uploads().empty());
  }
}

TEST_CASE("bytes in memory arrive as they are, in parts if they are many") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, 20 * k_mib}) {
    World world;
    const std::string content = make_content(size);
    REQUIRE(world.put(world.bytes(content)).ok());
    CHECK(world.held() == content);
  }
}

TEST_CASE("one request is all that a small file takes") {
  World world;
  REQUIRE(world.put(world.file("small")).ok());
  CHECK(world.store.log == std::vector<std::string>{"PutObject"});
}

TEST_CASE(
    "digests that are known are not computed again, and wrong ones change nothing that is stored") {
  for (const std::size_t size : {std::size_t{10}, 2 * k_mib}) {
    for (const bool from_file : {true, false}) {
      for (const bool if_absent : {true, false}) {
        CAPTURE(size);
        CAPTURE(from_file);
        CAPTURE(if_absent);
        World world;
        const std::string content = make_content(size);
        PutRequest request = from_file ? world.file(content) : world.bytes(content);
        request.if_absent = if_absent;
        PutRequest wrong = request;
        wrong.digests = RawDigests{sha256("what it was"), md5("what it was")};
        StoredOutcome stored = world.put(wrong);
        REQUIRE(stored.ok());
        CHECK(stored.value().confirmed);
        CHECK(world.held() == content);
        // Had they been computed all the same, nothing would have been refused.
        CHECK(world.store.log == std::vector<std::string>{"PutObject", "PutObject"});

        request.if_absent = false;
        request.digests = RawDigests{sha256(content), md5(content)};
        stored = world.put(request);
        REQUIRE(stored.ok());
        CHECK(stored.value().confirmed);
        CHECK(stored.value().object.etag == expected_etag_of(content));
        CHECK(world.store.log.size() == 3);
      }
    }
  }
}

TEST_CASE("a file that changed since it was looked at is not stored, small or large") {
  for (const std::size_t size : {std::size_t{10}, 2 * k_mib, 20 * k_mib}) {
    World world;
    const PutRequest request = world.file(make_content(size));
    world.append(request, "more");
    const StoredOutcome stored = world.put(request);
    REQUIRE_FALSE(stored.ok());
    CHECK(stored.error().code == Errc::conflict);
    CHECK(stored.error().message.find("changed while it was being deployed") != std::string::npos);
    CHECK(world.memory.objects().empty());
    CHECK(world.memory.uploads().empty());
  }
}

TEST_CASE(
    "a file that changes while its parts are sent is not published, and its upload is aborted") {
  World world;
  const PutRequest request = world.file(make_content(20 * k_mib));
  world.store.afterwards = [&](const Operation& operation, Outcome outcome) -> Outcome {
    if (const auto* part = std::get_if<UploadPart>(&operation);
        part != nullptr && part->number == 2) {
      world.append(request, "more");
    }
    return outcome;
  };
  const StoredOutcome stored = world.put(request);
  REQUIRE_FALSE(stored.ok());
  CHECK(stored.error().code == Errc::conflict);
  CHECK(world.memory.objects().empty());
  CHECK(world.memory.uploads().empty());
}

TEST_CASE("a missing file is an input error that names it") {
  World world;
  PutRequest request = world.file("x");
  ::unlink(std::get<FileSource>(request.source).path.c_str());
  const StoredOutcome stored = world.put(request);
  REQUIRE_FALSE(stored.ok());
  CHECK(stored.error().code == Errc::input);
  CHECK(stored.error().message.find("No such file") != std::string::npos);
}

TEST_CASE("an upload that an earlier run began is continued, strays of the same key are aborted") {
  World world;
  const std::string content = make_content(20 * k_mib);
  const PutRequest request = world.file(content);
  const auto begin = [&](const std::string& key) {
    return run(world.loop,
               world.memory,
               CreateUpload{key, "video/mp4", {{"cache-control", "no-cache"}}})
        .value()
        .upload_id;
  };
  begin("key");
  begin("key-of-another");
  const std::string newest = begin("key");
  REQUIRE(run(world.loop,
              world.memory,
              UploadPart{"key", newest, 1, make_payload(content.substr(0, 8 * k_mib))})
              .ok());
  REQUIRE(run(world.loop,
              world.memory,
              UploadPart{"key", newest, 2, make_payload(std::string(8 * k_mib, 'x'))})
              .ok());
  const StoredOutcome stored = world.put(request);
  REQUIRE(stored.ok());
  CHECK(world.held() == content);
  CHECK(world.store.count("UploadPart") == 2);  // the damaged second and the missing third
  CHECK(world.store.count("CreateMultipartUpload") == 0);
  REQUIRE(world.memory.uploads().size() == 1);
  CHECK(world.memory.uploads().begin()->second.key == "key-of-another");
}

TEST_CASE("a continued upload that was begun under other headers is sent anew") {
  World world;
  const std::string content = make_content(20 * k_mib);
  REQUIRE(run(world.loop, world.memory, CreateUpload{"key", "text/plain", {}}).ok());
  REQUIRE(world.put(world.file(content)).ok());
  CHECK(world.held() == content);
  CHECK(world.memory.objects().at("key").info.media_type == "video/mp4");
  CHECK(world.memory.objects().at("key").info.headers ==
        std::vector<Header>{{"cache-control", "no-cache"}});
}

TEST_CASE("a refusal for good aborts the upload; what may pass leaves it to be continued") {
  for (const bool may_pass : {false, true}) {
    World world;
    world.store.instead = [&](const Operation& operation) -> std::optional<StoreError> {
      if (const auto* part = std::get_if<UploadPart>(&operation);
          part != nullptr && part->number == 3) {
        StoreError error = connection_reset();
        error.code = may_pass ? Errc::network : Errc::auth;
        error.transient = may_pass;
        return error;
      }
      return std::nullopt;
    };
    REQUIRE_FALSE(world.put(world.file(make_content(20 * k_mib))).ok());
    CHECK(world.memory.uploads().size() == (may_pass ? 1 : 0));
  }
}

TEST_CASE("a completion whose answer was lost is found out, not failed") {
  World world;
  world.store.afterwards = [&](const Operation& operation, Outcome outcome) -> Outcome {
    if (std::holds_alternative<CompleteUpload>(operation)) {
      StoreError gone;
      gone.code = Errc::not_found;
      gone.http_status = 404;
      gone.code_text = "NoSuchUpload";
      gone.requests = 2;
      return gone;
    }
    return outcome;
  };
  const StoredOutcome stored = world.put(world.file(make_content(20 * k_mib)));
  REQUIRE(stored.ok());
  CHECK(stored.value().confirmed);
}

TEST_CASE("an ETag that is no checksum is confirmed by reading back") {
  for (const std::size_t size : {std::size_t{100}, 20 * k_mib}) {
    World world;
    world.store.afterwards = [](const Operation&, Outcome outcome) -> Outcome {
      if (outcome.ok()) {
        outcome.value().object.etag = outcome.value().object.etag.empty() ? "" : "made-up";
      }
      return outcome;
    };
    world.store.instead = [&](const Operation& operation) -> std::optional<StoreError> {
      if (const auto* get = std::get_if<Get>(&operation)) {
        const_cast<Get*>(get)->if_match.clear();  // the store behind knows the true ETag only
      }
      return std::nullopt;
    };
    const StoredOutcome stored = world.put(world.file(make_content(size)));
    REQUIRE(stored.ok());
    CHECK(stored.value().confirmed);
    CHECK(world.store.count("GetObject") == part_count(size));
  }
}

TEST_CASE("a store that holds something else is tried twice and then named") {
  World world;
  world.store.afterwards = [&](const Operation& operation, Outcome outcome) -> Outcome {
    if (std::holds_alternative<Put>(operation) || std::holds_alternative<Head>(operation)) {
      outcome.value().object.etag = "made-up";
      outcome.value().object.size = 3;
    }
    return outcome;
  };
  const StoredOutcome stored = world.put(world.file("content"));
  REQUIRE_FALSE(stored.ok());
  CHECK(stored.error().code == Errc::remote);
  CHECK(stored.error().message == "key: the store does not hold what was sent: 3 bytes and not 7");
  CHECK(world.store.count("PutObject") == 2);
}

TEST_CASE("a store that made up its ETag and damaged the bytes is found out by reading back") {
  World world;
  world.store.afterwards = [](const Operation&, Outcome outcome) -> Outcome {
    outcome.value().object.etag = "made-up";
    return outcome;
  };
  world.store.instead = [](const Operation& operation) -> std::optional<StoreError> {
    if (const auto* get = std::get_if<Get>(&operation)) {
      auto* const changed = const_cast<Get*>(get);
      changed->if_match.clear();
      changed->sink = [sink = changed->sink](std::string_view bytes) {
        std::string damaged(bytes);
        damaged[0] ^= 1;
        return sink(damaged);
      };
    }
    return std::nullopt;
  };
  const StoredOutcome stored = world.put(world.file("content"));
  REQUIRE_FALSE(stored.ok());
  CHECK(stored.error().message ==
        "key: the store does not hold what was sent: its bytes are others");
  CHECK(world.store.count("PutObject") == 2);
}

TEST_CASE("a condition that does not hold is a conflict, in one request or in parts") {
  for (const std::size_t size : {std::size_t{10}, 20 * k_mib}) {
    World world;
    REQUIRE(world.put(world.file("there already")).ok());
    PutRequest request = world.file(make_content(size));
    request.if_absent = true;
    const StoredOutcome stored = world.put(request);
    REQUIRE_FALSE(stored.ok());
    CHECK(stored.error().code == Errc::conflict);
    CHECK(world.held() == "there already");
    CHECK(world.memory.uploads().empty());
  }
}

TEST_CASE("the budget bounds what is in memory and everything is given back") {
  World world;
  ByteBudget budget(3 * k_mib);
  int done = 0;
  std::vector<PutRequest> requests;
  const PutRequest request = world.file(make_content(k_mib));
  for (int i = 0; i < 20; ++i) {
    put_object({world.store, world.loop, world.pool, budget, budget},
               request,
               [&](const StoredOutcome& outcome) {
                 CHECK(outcome.ok());
                 ++done;
               });
  }
  world.loop.run_until([&] { return done == 20; });
  world.loop.drain();
  bool free = false;
  budget.acquire(3 * k_mib, [&] { free = true; });
  CHECK(free);
}
