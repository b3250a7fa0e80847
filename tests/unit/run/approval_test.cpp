#include "plugins/host/run/approval.hpp"

#include "plugins/host/run/stage_call.hpp"
#include "tests/unit/run/recorder.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace deployflow::run {
namespace {

using Bases = std::vector<Approval::Base>;

/// A stage of a run over a small site and one target.
struct World {
  explicit World(const Plan* approved, Approval::Keep keep = Approval::Keep::no)
      : approval(approved, keep, artifacts, targets, pool, {}) {
    store::TargetConfig target;
    target.name = "primary";
    target.endpoint = "http://127.0.0.1:9";
    target.bucket = "bucket";
    target.anonymous = true;
    pipeline.targets.push_back({target, {}});
    add("index.html", "a page");
  }

  void add(const std::string& key, const std::string& bytes) {
    site::Artifact artifact;
    artifact.key = key;
    artifact.media_type = "text/html";
    artifact.bytes = std::make_shared<const std::string>(bytes);
    artifacts.put(std::move(artifact));
  }
  void declare(Action action, const std::string& key, const std::string& reason = "new") {
    approval.add({"s", action, "primary", key, 6, reason});
  }
  df_status settle(const Bases& bases = {}) { return approval.settle(ctx, bases); }
  bool allows(const std::string& key, bool removes = false) {
    return approval.allows("s", "primary", key, removes);
  }

  site::ArtifactSet artifacts;
  test::Recorder recorder;
  EventHub events{recorder, LogLevel::warning};
  ThreadPool pool{1};
  pipeline::Pipeline pipeline;
  TargetBook targets{
      pipeline, [](std::string_view) { return std::nullopt; }, store::DryRun::yes, {}, pool, {}};
  Approval approval;
  RunState run{"id", "f", false, {}, {}, events, artifacts, targets, approval, pool, {}, false};
  load::StageType type;
  StageState stage{run, type, "s", {}, {}, {}};
  df_ctx ctx{stage};
};

Plan plan_of(const Bases& bases = {{"primary", "R1"}}) {
  World dry(nullptr, Approval::Keep::yes);
  dry.declare(Action::put, "index.html");
  dry.declare(Action::remove, "old.css", "gone");
  dry.declare(Action::keep, "same.css");
  REQUIRE(dry.settle(bases) == DF_OK);
  return dry.approval.take();
}

/// What a run of the same changes is told.
df_status apply(World& world, const Bases& bases = {{"primary", "R1"}}) {
  world.declare(Action::put, "index.html");
  world.declare(Action::remove, "old.css", "gone");
  world.declare(Action::keep, "same.css");
  return world.settle(bases);
}

TEST_CASE("a dry run's plan has all that was declared, in order, and what the site was") {
  const Plan plan = plan_of();
  REQUIRE(plan.stages.size() == 1);
  CHECK(plan.stages[0].stage == "s");
  CHECK(plan.stages[0].site_sha256.size() == 64);
  REQUIRE(plan.stages[0].targets.size() == 1);
  const TargetPlan& target = plan.stages[0].targets[0];
  CHECK(target.target == "primary");
  CHECK(target.display == "s3://bucket");
  CHECK(target.endpoint == "http://127.0.0.1:9");
  CHECK(target.base == "R1");
  CHECK(target.kept == 1);
  REQUIRE(target.changes.size() == 2);
  CHECK(target.changes[0] ==
        PlannedChange{Action::put, "index.html", 6, "new", to_hex(sha256("a page"))});
  CHECK(target.changes[1] == PlannedChange{Action::remove, "old.css", 6, "gone", ""});
}

TEST_CASE("a run that is held to nothing may do everything, and keeps no plan") {
  World world(nullptr);
  world.declare(Action::put, "index.html");
  CHECK(world.settle() == DF_OK);
  CHECK(world.allows("anything"));
  CHECK(world.approval.take().stages.empty());
}

TEST_CASE("a run that is as planned may do what is planned, and nothing else") {
  const Plan plan = plan_of();
  World world(&plan);
  CHECK_FALSE(world.allows("index.html"));  // before it was compared
  REQUIRE(apply(world) == DF_OK);
  CHECK(world.recorder.codes().empty());
  CHECK(world.allows("index.html"));
  CHECK(world.allows("old.css", true));
  CHECK_FALSE(world.allows("index.html", true));
  CHECK_FALSE(world.allows("old.css"));
  CHECK_FALSE(world.allows("same.css"));
  CHECK_FALSE(world.allows("z"));
  CHECK_FALSE(world.approval.allows("s", "mirror", "index.html", false));
  CHECK_FALSE(world.approval.allows("t", "primary", "index.html", false));
  CHECK(world.settle() == DF_OK);  // at the first write, and at the end
}

TEST_CASE("what moved is a conflict that is told once, and nothing may be written after it") {
  const Plan plan = plan_of();
  const auto is_refused = [&](World& world, df_status status, const std::string& why) {
    CHECK(status == DF_CONFLICT);
    REQUIRE(world.recorder.all<Finding>().size() == 1);
    CHECK(world.recorder.all<Finding>()[0].code == "host/not-as-planned");
    CHECK(world.recorder.all<Finding>()[0].message.find(why) != std::string::npos);
    CHECK_FALSE(world.allows("index.html"));
    CHECK(world.settle({{"primary", "R1"}}) == DF_CONFLICT);
    CHECK(world.recorder.all<Finding>().size() == 1);
  };
  World released(&plan);
  is_refused(released, apply(released, {{"primary", "R2"}}), "release R2 is live now");
  World same_size(&plan);
  same_size.add("index.html", "A page");
  is_refused(same_size, apply(same_size), "another content now: put index.html");
  World other_type(&plan);
  other_type.artifacts.set_media_type(other_type.artifacts.find("index.html")->id, "text/plain");
  is_refused(other_type, apply(other_type), "the site is another one");
  World more_headers(&plan);
  more_headers.artifacts.set_header(more_headers.artifacts.find("index.html")->id, "x", "y");
  is_refused(more_headers, apply(more_headers), "the site is another one");
  World drifted(&plan);
  drifted.declare(Action::update, "same.css", "drifted");
  is_refused(drifted, apply(drifted), "now also: update same.css (drifted)");
}

TEST_CASE("a target of the plan that was not looked at stops those that were") {
  Plan plan = plan_of();
  plan.stages[0].targets.push_back({"second", "s3://b", "", "", 0, {}});
  World world(&plan);
  CHECK(apply(world) == DF_CONFLICT);
  CHECK_FALSE(world.allows("index.html"));
}

TEST_CASE("a stage that plans what it had no plan for is refused") {
  const Plan nothing;
  World world(&nothing);
  CHECK(apply(world) == DF_CONFLICT);
  World idle(&nothing);
  CHECK(idle.settle() == DF_OK);
  CHECK_FALSE(idle.allows("index.html"));
}

TEST_CASE("a run that was cut off may be gone on with, and says what is there already") {
  const Plan plan = plan_of();
  World world(&plan);
  world.declare(Action::remove, "old.css", "gone");
  CHECK(world.settle({{"primary", "R1"}}) == DF_OK);
  REQUIRE(world.recorder.all<LogLine>().size() == 1);
  CHECK(world.recorder.all<LogLine>()[0].text.starts_with("1 of the planned changes"));
}

TEST_CASE("texts that are no UTF-8 are the same after a way through a file") {
  World dry(nullptr, Approval::Keep::yes);
  dry.declare(Action::put, "index.html", "\xff");
  REQUIRE(dry.settle() == DF_OK);
  const Plan plan = dry.approval.take();
  CHECK(plan.stages[0].targets[0].changes[0].reason == "\\xff");
  World world(&plan);
  world.declare(Action::put, "index.html", "\xff");
  CHECK(world.settle() == DF_OK);
}

}  // namespace
}  // namespace deployflow::run
