#include "plugins/host/run/stage_call.hpp"

#include "tests/unit/run/recorder.hpp"

#include <doctest/doctest.h>

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
  RunState run{"id", "deployflow.yaml", false, {}, {}, events, artifacts, targets, pool};
  load::StageType type;
  StageState stage{run, type, "s", {}, {}, {}};
  df_ctx ctx{stage};

  void add(const std::string& key) {
    site::Artifact artifact;
    artifact.key = key;
    artifact.bytes = std::make_shared<const std::string>("x");
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

}  // namespace
}  // namespace deployflow::run
