// What every ObjectStore does with versions, where it has them and they are switched on. The bucket
// is left with them suspended: the cases behind these find it as it was, but for what was kept.

#include "tests/contract/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using namespace deployflow;
using namespace deployflow::store;
using namespace deployflow::store::contract;

namespace {

// All but State: what is set about the bucket is set of the site's, not of the one for the state.
#define STORES_WITH_VERSIONS Memory, Retry, Limit, Prefix, BesideState, Stack, S3

/// A world whose bucket keeps versions while it lives, if the server can. A bucket may keep those
/// of the case before: each has keys of its own.
class Versioned {
 public:
  explicit Versioned(World& world) : world_(world) {
    const Outcome listed = world.submit(ListVersions{});
    if (world.lacks(listed)) {
      return;
    }
    REQUIRE(listed.ok());
    is_on_ = world.set(VersioningConfig{Versioning::enabled});
  }
  ~Versioned() {
    if (is_on_) {
      static_cast<void>(world_.submit(SetBucketConfig{VersioningConfig{Versioning::suspended}}));
    }
  }
  Versioned(const Versioned&) = delete;
  Versioned& operator=(const Versioned&) = delete;
  [[nodiscard]] bool is_on() const { return is_on_; }

 private:
  World& world_;
  bool is_on_ = false;
};

std::vector<ObjectInfo> versions(World& world, const std::string& prefix) {
  return world.must(ListVersions{prefix, {}, {}, 1000}).objects;
}

std::string body_of(World& world, const std::string& key, const std::string& version) {
  Get get;
  get.key = key;
  get.version = version;
  return world.must(std::move(get)).body;
}

}  // namespace

TEST_CASE_TEMPLATE("what is replaced or deleted can be listed and read, the newest first",
                   T,
                   STORES_WITH_VERSIONS) {
  WORLD(world);
  const Versioned versioned(world);
  if (!versioned.is_on()) {
    return;
  }
  const std::string key = "kept/a b+c%2F\xC3\xBC.txt";
  for (const char* bytes : {"one", "two two", "three"}) {
    REQUIRE(world.put(key, bytes).ok());
  }
  auto listed = versions(world, key);
  REQUIRE(listed.size() == 3);
  const std::array<std::string, 3> expected{"three", "two two", "one"};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(listed[i].key == key);
    CHECK(listed[i].size == expected[i].size());
    CHECK(listed[i].etag == to_hex(md5(expected[i])));
    REQUIRE_FALSE(listed[i].version_id.empty());
    CHECK(body_of(world, key, listed[i].version_id) == expected[i]);
    CHECK(world.must(Head{key, listed[i].version_id}).object.size == expected[i].size());
  }
  CHECK(world.body(key) == "three");
  REQUIRE(world.submit(Delete{key, {}}).ok());
  const Outcome gone = world.get(key);
  REQUIRE_FALSE(gone.ok());
  CHECK(gone.error().code == Errc::not_found);
  listed = versions(world, key);
  REQUIRE(listed.size() == 3);
  CHECK(body_of(world, key, listed[2].version_id) == "one");
  Get range;
  range.key = key;
  range.version = listed[1].version_id;
  range.offset = 4;
  range.count = 2;
  range.if_match = listed[1].etag;
  CHECK(world.must(range).body == "tw");
}

TEST_CASE_TEMPLATE("versions are listed in pages, under their prefix", T, STORES_WITH_VERSIONS) {
  WORLD(world);
  const Versioned versioned(world);
  if (!versioned.is_on()) {
    return;
  }
  std::vector<std::string> expected;
  for (const char* key : {"pages/100%", "pages/a b", "pages/a+b", "pages/\xC3\xA9"}) {
    for (const char* bytes : {"1", "22", "333"}) {
      REQUIRE(world.put(key, bytes).ok());
    }
    for (const char* size : {" 3", " 2", " 1"}) {
      expected.push_back(std::string(key) + size);
    }
  }
  REQUIRE(world.put("pages.txt", "behind").ok());
  REQUIRE(world.submit(Delete{"pages/a b", {}}).ok());
  std::vector<std::string> found;
  ListVersions page;
  page.prefix = "pages/";
  page.max_keys = 2;
  for (int pages = 0; pages < 20; ++pages) {
    const Reply listed = world.must(page);
    CHECK(listed.objects.size() <= 2);
    for (const ObjectInfo& object : listed.objects) {
      found.push_back(object.key + " " + std::to_string(object.size));
    }
    if (!listed.truncated) {
      break;
    }
    page.after_key = listed.next_key;
    page.after_version = listed.next_id;
  }
  CHECK(found == expected);
}

// Ceph 16 meets no If-Match in such a bucket, and ignores If-None-Match, which the other cases ask.
TEST_CASE_TEMPLATE("an ETag may be demanded of what is replaced, also where versions are kept",
                   T,
                   STORES_WITH_VERSIONS) {
  WORLD(world);
  const Versioned versioned(world);
  if (!versioned.is_on()) {
    return;
  }
  REQUIRE(world.put("demanded.txt", "one").ok());
  Put put;
  put.key = "demanded.txt";
  put.payload = make_payload("two");
  put.if_match = to_hex(md5("another"));
  for (int round = 0; round < 2; ++round) {
    const Outcome refused = world.submit(put);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::conflict);
    CHECK(world.body("demanded.txt") == "one");
    Put right = put;
    right.payload = make_payload("one");
    right.if_match = to_hex(md5("one"));
    REQUIRE(world.submit(right).ok());
  }
  put.if_match = to_hex(md5("one"));
  REQUIRE(world.submit(put).ok());
  CHECK(world.body("demanded.txt") == "two");
}

TEST_CASE_TEMPLATE("an old version is copied back over the live one", T, STORES_WITH_VERSIONS) {
  WORLD(world);
  const Versioned versioned(world);
  if (!versioned.is_on()) {
    return;
  }
  const std::string key = "back/100% +.css";
  for (const char* bytes : {"one", "two two"}) {
    REQUIRE(world.put(key, bytes).ok());
  }
  const auto listed = versions(world, key);
  REQUIRE(listed.size() == 2);
  Copy copy;
  copy.from_key = copy.key = key;
  copy.from_version = listed[1].version_id;
  copy.if_match = listed[0].etag;  // of the live one
  copy.replace = {"text/css", {{"cache-control", "no-cache"}}};
  const Outcome refused = world.submit(copy);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::conflict);
  copy.if_match = listed[1].etag;
  CHECK(world.must(copy).object.etag == to_hex(md5("one")));
  CHECK(world.body(key) == "one");
  CHECK(world.must(Head{key}).object.media_type == "text/css");
  copy.key = "back/another.css";
  world.must(copy);
  CHECK(world.body("back/another.css") == "one");
  copy.from_version = "no-such-version-of-anything-at-all";
  CHECK_FALSE(world.submit(copy).ok());
}

TEST_CASE_TEMPLATE("ranges of an old version become an object, on the server",
                   T,
                   STORES_WITH_VERSIONS) {
  WORLD(world);
  const Versioned versioned(world);
  if (!versioned.is_on()) {
    return;
  }
  const std::string key = "parts/source +\xC3\xBC.bin";
  const std::string bytes = std::string(k_part, 'a') + std::string(1000, 'b');
  REQUIRE(world.put(key, bytes).ok());
  REQUIRE(world.put(key, "replaced").ok());
  const auto listed = versions(world, key);
  REQUIRE(listed.size() == 2);
  const std::string id = world.begin_upload("parts/copy.bin");
  CompleteUpload complete{"parts/copy.bin", id, {}, {}, false};
  const std::array<std::pair<std::uint64_t, std::uint64_t>, 2> ranges{
      {{0, k_part}, {k_part, 1000}}};
  for (const auto& [offset, size] : ranges) {
    CopyPart part;
    part.key = "parts/copy.bin";
    part.upload_id = id;
    part.number = static_cast<std::uint32_t>(complete.parts.size() + 1);
    part.from_key = key;
    part.from_version = listed[1].version_id;
    part.offset = offset;
    part.size = size;
    part.source_etag = listed[1].etag;
    const Outcome copied = world.submit(part);
    if (world.lacks(copied)) {
      return;
    }
    REQUIRE(copied.ok());
    complete.parts.push_back(copied.value().parts.at(0));
  }
  REQUIRE(world.submit(complete).ok());
  CHECK(world.body("parts/copy.bin") == bytes);
}
