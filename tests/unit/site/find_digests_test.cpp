#include "plugins/host/site/artifact_set.hpp"
#include "tests/unit/site/cache_world.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stop_token>
#include <thread>

using deployflow::Errc;
using deployflow::open_regular;
using deployflow::ThreadPool;
using deployflow::site::Artifact;
using deployflow::site::ArtifactSet;
using deployflow::test::CacheWorld;
using deployflow::test::digests_of;

namespace fs = std::filesystem;

namespace {

constexpr const char* k_md5_of_abc = "900150983cd24fb0d6963f7d28e17f72";

Artifact on_disk(std::string key, const std::string& path) {
  Artifact artifact;
  artifact.key = std::move(key);
  artifact.path = path;
  artifact.stamp = open_regular(path).value().stamp;
  return artifact;
}

std::string md5_after_all(ArtifactSet& set, std::uint64_t id) {
  ThreadPool pool(2);
  const std::array ids{id};
  REQUIRE(set.find_digests(ids, pool, {}).value().empty());
  return set.digests(id)->md5;
}

}  // namespace

TEST_CASE("the digests of many are those of each, in memory, on disk, large and asked for twice") {
  const CacheWorld world;
  ArtifactSet set(world.open());
  std::vector<std::uint64_t> ids;
  for (int i = 0; i < 300; ++i) {
    const std::string text = std::to_string(i);
    ids.push_back(set.put(on_disk("d" + text, world.scratch.write("d" + text, text))));
    Artifact memory;
    memory.key = "m" + text;
    memory.bytes = std::make_shared<const std::string>(text);
    ids.push_back(set.put(std::move(memory)));
    ids.push_back(ids.back());
  }
  const std::string large(9U << 20, 'l');
  const auto large_id = set.put(on_disk("large", world.scratch.write("large", large)));
  ids.push_back(large_id);
  ThreadPool pool(4);
  REQUIRE(set.find_digests(ids, pool, {}).value().empty());
  for (std::size_t i = 0; i < 900; ++i) {
    REQUIRE(set.digests(ids[i])->md5 == deployflow::to_hex(deployflow::md5(std::to_string(i / 3))));
  }
  CHECK(set.digests(large_id)->sha256 == deployflow::to_hex(deployflow::sha256(large)));
}

TEST_CASE("what an earlier run has read is not read again") {
  const CacheWorld world;
  const std::string path = world.scratch.write("a", "abc");
  const auto stamp = open_regular(path).value().stamp;
  world.remember({stamp}, digests_of("planted"));
  const std::string planted = deployflow::to_hex(digests_of("planted").md5);
  SUBCASE("many at once") {
    ArtifactSet set(world.open());
    CHECK(md5_after_all(set, set.put(on_disk("a", path))) == planted);
  }
  SUBCASE("one alone") {
    ArtifactSet set(world.open());
    CHECK(set.digests(set.put(on_disk("a", path)))->md5 == planted);
  }
  SUBCASE("bytes in memory are nobody's file") {
    ArtifactSet set(world.open());
    Artifact memory = on_disk("a", path);
    memory.bytes = std::make_shared<const std::string>("abc");
    CHECK(md5_after_all(set, set.put(std::move(memory))) == k_md5_of_abc);
  }
}

TEST_CASE("what is read now is known to the next run") {
  const CacheWorld world;
  const std::string path = world.scratch.write("a", "abc");
  const auto stamp = open_regular(path).value().stamp;
  SUBCASE("many at once: even if this run is killed later") {
    ArtifactSet set(world.open());
    md5_after_all(set, set.put(on_disk("a", path)));
    CHECK(world.find(stamp) == digests_of("abc"));
  }
  SUBCASE("one alone") {
    {
      ArtifactSet set(world.open());
      REQUIRE(set.digests(set.put(on_disk("a", path))).ok());
    }
    CHECK(world.find(stamp) == digests_of("abc"));
  }
}

TEST_CASE("a file in the place of one of the same size and mtime is read") {
  const CacheWorld world;
  const std::string path = world.scratch.write("a", "old");
  const auto before = open_regular(path).value().stamp;
  world.remember({before}, digests_of("old"));
  const timespec mtime{before.mtime_ns / 1'000'000'000, before.mtime_ns % 1'000'000'000};
  const timespec times[2] = {mtime, mtime};
  SUBCASE("another inode") {
    const std::string other = world.scratch.write("other", "abc");
    REQUIRE(::utimensat(AT_FDCWD, other.c_str(), times, 0) == 0);
    fs::rename(other, path);
    REQUIRE(open_regular(path).value().stamp.inode != before.inode);
  }
  SUBCASE("the same inode, whose mtime was put back") {
    // The clock of a file system ticks some hundred times a second.
    do {
      world.scratch.write("a", "abc");
      REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    } while (open_regular(path).value().stamp.ctime_ns == before.ctime_ns);
    REQUIRE(open_regular(path).value().stamp.inode == before.inode);
  }
  const auto after = open_regular(path).value().stamp;
  REQUIRE(after.size == before.size);
  REQUIRE(after.mtime_ns == before.mtime_ns);
  ArtifactSet set(world.open());
  CHECK(md5_after_all(set, set.put(on_disk("a", path))) == k_md5_of_abc);
}

TEST_CASE("a site that was built just now is read by the next run too") {
  CacheWorld world;
  world.clock.time = deployflow::system_clock().now();
  const std::string path = world.scratch.write("a", "abc");
  {
    ArtifactSet set(world.open());
    CHECK(md5_after_all(set, set.put(on_disk("a", path))) == k_md5_of_abc);
  }
  CHECK_FALSE(world.find(open_regular(path).value().stamp));
}

TEST_CASE("files that changed or are gone are told, each, and the others are known") {
  const CacheWorld world;
  ArtifactSet set(world.open());
  const auto good = set.put(on_disk("good", world.scratch.write("good", "abc")));
  const auto changed = set.put(on_disk("changed", world.scratch.write("changed", "x")));
  const auto gone = set.put(on_disk("gone", world.scratch.write("gone", "x")));
  world.scratch.write("changed", "xy");
  fs::remove(world.scratch / "gone");
  ThreadPool pool(2);
  const std::array<std::uint64_t, 4> ids{gone, changed, good, 99};
  const auto failures = set.find_digests(ids, pool, {});
  REQUIRE(failures.ok());
  REQUIRE(failures->size() == 3);
  for (const auto& failure : failures.value()) {
    CHECK(failure.error.code == (failure.id == changed ? Errc::conflict
                                 : failure.id == gone  ? Errc::input
                                                       : Errc::not_found));
  }
  CHECK(set.digests(good)->md5 == k_md5_of_abc);
}

TEST_CASE("hashing many files ends when it is told to, and keeps what it has") {
  const CacheWorld world;
  const std::string small = world.scratch.write("small", "abc");
  const std::string large = world.scratch.write("large", "");
  REQUIRE(::truncate(large.c_str(), 1LL << 40) == 0);
  ArtifactSet set(world.open());
  const std::array<std::uint64_t, 2> ids{set.put(on_disk("small", small)),
                                         set.put(on_disk("large", large))};
  ThreadPool pool(2);
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  const auto failures = set.find_digests(ids, pool, stop.get_token());
  REQUIRE_FALSE(failures.ok());
  CHECK(failures.error().code == Errc::cancelled);
  CHECK(world.find(open_regular(small).value().stamp) == digests_of("abc"));
}
