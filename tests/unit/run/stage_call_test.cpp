#include "plugins/host/run/stage_call.hpp"

#include "plugins/host/run/approval.hpp"
#include "tests/support/scratch.hpp"
#include "tests/unit/run/recorder.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace deployflow::run {
namespace {

/// A call into a stage of a run over `artifacts`.
struct World {
  site::ArtifactSet artifacts;
  test::Recorder recorder;
  EventHub events{recorder, LogLevel::error};
  ThreadPool pool{1};
  pipeline::Pipeline pipeline;
  TargetBook targets{pipeline, {}, store::DryRun::no, {}, pool, {}};
  Approval approval{nullptr, Approval::Keep::no, artifacts, targets, pool, {}};
  RunState run{"id",
               "deployflow.yaml",
               false,
               {},
               {},
               events,
               artifacts,
               targets,
               approval,
               pool,
               {},
               false};
  load::StageType type;
  StageState stage{run, type, "s", {}, {}, {}};
  df_ctx ctx{stage};

  void add(const std::string& key) {
    site::Artifact artifact;
    artifact.key = key;
    artifact.bytes = std::make_shared<const std::string>("the bytes of " + key);
    artifacts.put(std::move(artifact));
  }
};

TEST_CASE("what is kept for a stage stays where it is and as it is, however much more is kept") {
  World world;
  std::vector<df_str> kept;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 5'000; ++i) {
    // Short ones, empty ones, and one that is longer than any piece.
    texts.push_back(i == 2'500 ? std::string(200'000, 'l') : std::string(i % 70, "abcdefg"[i % 7]));
    kept.push_back(world.ctx.keep(texts.back()));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    REQUIRE(view(kept[i]) == texts[i]);
  }
}

TEST_CASE("an iteration hands out every artifact once, in order, then no more") {
  World world;
  for (const char* key : {"c", "a", "b"}) {
    world.add(key);
  }
  df_cursor* cursor = nullptr;
  REQUIRE(host_table().artifacts(&world.ctx, df_str{}, &cursor) == DF_OK);
  std::string keys;
  const df_artifact* artifact = nullptr;
  while (host_table().next(&world.ctx, cursor, &artifact) == DF_OK) {
    world.artifacts.drop(artifact->id);  // the view is good until the next one
    keys += view(artifact->key);
  }
  CHECK(keys == "abc");
  CHECK(host_table().next(&world.ctx, cursor, &artifact) == DF_NOT_FOUND);
  CHECK(host_table().next(&world.ctx, cursor, &artifact) == DF_NOT_FOUND);
}

TEST_CASE("an iteration leaves out what was dropped or replaced before its turn, and what is new") {
  World world;
  for (const char* key : {"a", "b", "c", "d"}) {
    world.add(key);
  }
  df_cursor* cursor = nullptr;
  REQUIRE(host_table().artifacts(&world.ctx, df_str{}, &cursor) == DF_OK);
  const df_artifact* artifact = nullptr;
  REQUIRE(host_table().next(&world.ctx, cursor, &artifact) == DF_OK);
  world.artifacts.drop(world.artifacts.find("b")->id);
  world.add("c");
  world.add("e");
  REQUIRE(host_table().next(&world.ctx, cursor, &artifact) == DF_OK);
  CHECK(view(artifact->key) == "d");
  CHECK(host_table().next(&world.ctx, cursor, &artifact) == DF_NOT_FOUND);
}

TEST_CASE("the digests of many are those of each, in the order of the question") {
  World world;
  for (const char* key : {"b", "a", "c"}) {
    world.add(key);
  }
  const std::vector<std::uint64_t> ids{world.artifacts.find("c")->id,
                                       world.artifacts.find("a")->id};
  for (const char* algorithm : {"sha256", "md5"}) {
    std::vector<df_str> all(ids.size());
    REQUIRE(host_table().digests(&world.ctx, ids.data(), ids.size(), lend(algorithm), all.data()) ==
            DF_OK);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      df_str one{};
      REQUIRE(host_table().digest(&world.ctx, ids[i], lend(algorithm), &one) == DF_OK);
      CHECK(view(all[i]) == view(one));
    }
  }
  df_str none{};
  CHECK(host_table().digests(&world.ctx, nullptr, 0, lend("md5"), nullptr) == DF_OK);
  CHECK(host_table().digests(&world.ctx, ids.data(), 1, lend("crc32"), &none) == DF_UNSUPPORTED);
  const std::uint64_t unknown = 99;
  CHECK(host_table().digests(&world.ctx, &unknown, 1, lend("md5"), &none) == DF_NOT_FOUND);
  CHECK(world.recorder.codes().empty());
}

TEST_CASE("digests as bytes lie one after the other in the stage's own memory") {
  World world;
  world.add("b");
  world.add("a");
  const std::vector<std::uint64_t> ids{world.artifacts.find("a")->id,
                                       world.artifacts.find("b")->id};
  std::vector<std::uint8_t> sha256(2 * 32 + 1, 0xEE), md5(2 * 16 + 1, 0xEE);
  REQUIRE(host_table().raw_digests(&world.ctx, ids.data(), 2, lend("sha256"), sha256.data()) ==
          DF_OK);
  REQUIRE(host_table().raw_digests(&world.ctx, ids.data(), 2, lend("md5"), md5.data()) == DF_OK);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto digests = world.artifacts.digests(ids[i]);
    CHECK(to_hex(std::span(sha256).subspan(32 * i, 32)) == digests->sha256);
    CHECK(to_hex(std::span(md5).subspan(16 * i, 16)) == digests->md5);
  }
  CHECK(sha256.back() == 0xEE);
  CHECK(md5.back() == 0xEE);
  CHECK(host_table().raw_digests(&world.ctx, ids.data(), 2, lend("crc32"), md5.data()) ==
        DF_UNSUPPORTED);
}

TEST_CASE("the key of an iteration stays when the artifact is gone and others have come") {
  World world;
  world.add("the-first-key-of-all");
  df_cursor* cursor = nullptr;
  const df_artifact* artifact = nullptr;
  REQUIRE(host_table().artifacts(&world.ctx, df_str{}, &cursor) == DF_OK);
  REQUIRE(host_table().next(&world.ctx, cursor, &artifact) == DF_OK);
  const df_str key = artifact->key;
  world.artifacts.drop(artifact->id);
  for (int i = 0; i < 1'000; ++i) {
    world.add("another-" + std::to_string(i));
  }
  CHECK(host_table().next(&world.ctx, cursor, &artifact) == DF_NOT_FOUND);
  CHECK(view(key) == "the-first-key-of-all");
}

TEST_CASE("a temporary file has no name, and a path all the same") {
  const test::Scratch folder;
  for (const std::string& base : {folder.path(), folder.path() + "/missing"}) {
    World world;
    world.run.environment = [&](std::string_view name) {
      return name == "TMPDIR" ? std::optional(base) : std::nullopt;
    };
    std::int32_t descriptor = -1;
    REQUIRE(host_table().temp_file(&world.ctx, &descriptor) == DF_OK);
    REQUIRE(write(descriptor, "abc", 3) == 3);
    const auto text = read_file("/proc/self/fd/" + std::to_string(descriptor), 10);
    REQUIRE(text.ok());
    CHECK(*text == "abc");
    CHECK(std::filesystem::is_empty(folder.path()));
    close(descriptor);
  }
}

TEST_CASE("a file that is gone when its digest is wanted is named in a finding, with many others") {
  World world;
  world.add("good");
  site::Artifact artifact;
  artifact.key = "sub/gone.html";
  artifact.path = "/nonexistent/sub/gone.html";
  const std::vector<std::uint64_t> ids{world.artifacts.put(std::move(artifact)),
                                       world.artifacts.find("good")->id};
  std::vector<df_str> out(2);
  CHECK(host_table().digests(&world.ctx, ids.data(), 2, lend("md5"), out.data()) != DF_OK);
  REQUIRE(world.recorder.codes() == std::vector<std::string>{"site/unreadable"});
  CHECK(world.recorder.all<Finding>()[0].key == "sub/gone.html");
}

}  // namespace
}  // namespace deployflow::run
