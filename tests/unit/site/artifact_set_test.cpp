#include "plugins/host/site/artifact_set.hpp"

#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

using deployflow::Errc;
using deployflow::open_regular;
using deployflow::OpenFile;
using deployflow::site::Artifact;
using deployflow::site::ArtifactSet;
using deployflow::site::check_key;
using deployflow::test::Scratch;

namespace {

Artifact in_memory(std::string key, std::string bytes) {
  Artifact artifact;
  artifact.key = std::move(key);
  artifact.bytes = std::make_shared<const std::string>(std::move(bytes));
  return artifact;
}

Artifact on_disk(std::string key, const std::string& path) {
  Artifact artifact;
  artifact.key = std::move(key);
  artifact.path = path;
  artifact.stamp = open_regular(path).value().stamp;
  return artifact;
}

}  // namespace

TEST_CASE("keys are UTF-8, relative, without dot segments and at most 1,024 bytes") {
  for (const char* good : {"a",
                           "a//b",
                           "a/b.html",
                           " leading space",
                           "%2F",
                           "..a",
                           "a..",
                           "a/...",
                           "\xF0\x9F\x8E\x89"}) {
    INFO(good);
    CHECK(check_key(good).ok());
  }
  for (const char* bad : {"", "/a", ".", "..", "a/..", "../a", "a/./b", "\xFF", "a/..//b"}) {
    INFO(bad);
    CHECK_FALSE(check_key(bad).ok());
  }
  CHECK(check_key(std::string(1024, 'k')).ok());
  CHECK_FALSE(check_key(std::string(1025, 'k')).ok());
  CHECK_FALSE(check_key(std::string_view("a\0b", 3)).ok());
}

TEST_CASE("a refused key is shown with its control characters escaped") {
  CHECK(check_key("/\x1b[31m").error().message.find('\x1b') == std::string::npos);
}

TEST_CASE(
    "artifacts come in order of key, and a second one of the same key takes the first one's "
    "place") {
  ArtifactSet set;
  set.put(in_memory("b", "1"));
  const auto old_id = set.put(in_memory("a", "22"));
  const auto new_id = set.put(in_memory("a", "333"));
  CHECK(old_id != new_id);
  CHECK(set.get(old_id) == nullptr);
  CHECK(set.count() == 2);
  CHECK(set.total_bytes() == 4);
  const auto all = set.ids();
  REQUIRE(all.size() == 2);
  CHECK(set.get(all[0])->key == "a");
  CHECK(*set.get(all[0])->bytes == "333");
  const auto b = deployflow::Glob::compile("b*");
  CHECK(set.ids(&b.value()).size() == 1);
}

TEST_CASE("a dropped artifact is gone, but who holds it keeps it whole") {
  ArtifactSet set;
  const auto id = set.put(in_memory("a", "x"));
  const auto before = set.get(id);
  CHECK(set.drop(id));
  CHECK_FALSE(set.drop(id));
  CHECK(set.get(id) == nullptr);
  CHECK(set.find("a") == nullptr);
  CHECK(set.count() == 0);
  CHECK_FALSE(set.set_media_type(id, "text/x"));
  CHECK_FALSE(set.digests(id).ok());
  CHECK(*before->bytes == "x");
  CHECK(before->key == "a");
}

TEST_CASE("an artifact comes back with the path it was given, whatever its key") {
  const Scratch scratch;
  const std::string path = scratch.write("site/a/b.html", "abc");
  ArtifactSet set;
  for (const char* key : {"a/b.html", "b.html", "tml", "other", "c/d.html"}) {
    INFO(key);
    const auto artifact = set.get(set.put(on_disk(key, path)));
    CHECK(artifact->path == path);
    CHECK(artifact->size() == 3);
    CHECK(artifact->bytes == nullptr);
  }
  CHECK(set.count() == 5);
}

TEST_CASE("bytes in memory take the place of a file and a file that of bytes") {
  const Scratch scratch;
  const std::string path = scratch.write("a", "file");
  ArtifactSet set;
  set.put(on_disk("a", path));
  set.put(in_memory("a", "in memory"));
  CHECK(*set.find("a")->bytes == "in memory");
  CHECK(set.find("a")->path.empty());
  CHECK(set.total_bytes() == 9);
  set.put(on_disk("a", path));
  CHECK(set.find("a")->bytes == nullptr);
  CHECK(set.find("a")->path == path);
  CHECK(set.total_bytes() == 4);
}

TEST_CASE("the digests of a replaced artifact are those of the new bytes") {
  ArtifactSet set;
  REQUIRE(set.digests(set.put(in_memory("a", "old"))).ok());
  CHECK(set.digests(set.put(in_memory("a", "abc")))->md5 == "900150983cd24fb0d6963f7d28e17f72");
}

TEST_CASE("headers replace each other by name and can be taken away") {
  ArtifactSet set;
  const auto id = set.put(in_memory("a", "x"));
  CHECK(set.set_header(id, "cache-control", "no-store"));
  CHECK(set.set_header(id, "cache-control", "max-age=60"));
  CHECK(set.set_media_type(id, "text/x"));
  REQUIRE(set.get(id)->headers.size() == 1);
  CHECK(set.get(id)->headers[0].second == "max-age=60");
  CHECK(set.find("a")->media_type == "text/x");
  CHECK(set.set_header(id, "cache-control", std::nullopt));
  CHECK(set.get(id)->headers.empty());
  CHECK_FALSE(set.set_header(99, "a", "b"));
}

TEST_CASE("digests are those of the bytes, from memory and from disk") {
  const Scratch scratch;
  ArtifactSet set;
  const auto memory = set.put(in_memory("m", "abc"));
  const auto disk = set.put(on_disk("d", scratch.write("d", "abc")));
  for (const auto id : {memory, disk}) {
    CHECK(set.digests(id)->md5 == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(set.digests(id)->sha256 ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
  CHECK(set.digests(disk)->md5 == set.digests(memory)->md5);
}

TEST_CASE("hashing a file that takes hours ends when it is told to") {
  const Scratch scratch;
  const std::string path = scratch.write("large", "");
  REQUIRE(::truncate(path.c_str(), 1LL << 40) == 0);
  ArtifactSet set;
  const auto id = set.put(on_disk("large", path));
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stop.request_stop();
  });
  const auto digests = set.digests(id, stop.get_token());
  REQUIRE_FALSE(digests.ok());
  CHECK(digests.error().code == Errc::cancelled);
}

TEST_CASE("a file that changed since it was listed is a conflict, not other bytes") {
  const Scratch scratch;
  ArtifactSet set;
  const auto id = set.put(on_disk("d", scratch.write("d", "abc")));
  scratch.write("d", "abcd");
  const auto digests = set.digests(id);
  REQUIRE_FALSE(digests.ok());
  CHECK(digests.error().code == Errc::conflict);
  std::array<char, 8> out{};
  CHECK(read_artifact(*set.get(id), 0, out).error().code == Errc::conflict);
}

TEST_CASE("reading starts at the offset and stops at the end") {
  const Scratch scratch;
  ArtifactSet set;
  const auto memory = set.put(in_memory("m", "abcdef"));
  const auto disk = set.put(on_disk("d", scratch.write("d", "abcdef")));
  for (const auto id : {memory, disk}) {
    std::array<char, 4> out{};
    CHECK(read_artifact(*set.get(id), 4, out).value() == 2);
    CHECK(out[0] == 'e');
    CHECK(read_artifact(*set.get(id), 6, out).value() == 0);
    CHECK(read_artifact(*set.get(id), 600, out).value() == 0);
  }
}
