// Faults at every operation of a replication, and destinations that are down.

#include "stages/replicate/replicate.hpp"
#include "tests/unit/stages/fake_host.hpp"
#include "tests/unit/stages/site_model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using fake::World;

namespace {

df_status replicate(World& w, std::vector<std::string> to) {
  return w.run(deployflow::Bind<deployflow::stages::Replicate>::table,
               {{"from", fake::text("primary")}, {"to", fake::list(std::move(to))}});
}

/// Version 1 is live on both mirrors, the source has version 2.
World world_before() {
  World w;
  for (const char* target : {"primary", "mirror", "far"}) {
    for (const fake::Artifact& a : fake::site_version(1)) {
      w.hold(target, a.key, a.bytes);
    }
  }
  for (const fake::Artifact& a : fake::site_version(2)) {
    w.hold("primary", a.key, a.bytes);
  }
  return w;
}

void watch(World& w) {
  w.on_write = [&w](const fake::Record& r) {
    const std::string broken = fake::broken_page(w.buckets[r.target]);
    REQUIRE_MESSAGE(broken.empty(), r.target << " after " << r.key << ": " << broken);
  };
}

bool is_current(World& w, const std::string& target) {
  return fake::holds_site(w.buckets[target], fake::site_version(2)) &&
         w.state(target) == DF_SITE_CURRENT;
}

const fake::Finding& last_finding(const World& w) {
  REQUIRE_FALSE(w.findings.empty());
  return w.findings.back();
}

}  // namespace

TEST_CASE(
    "whichever transfer fails, no page lacks a file, the other mirror is finished, and again "
    "finishes") {
  for (std::size_t k = 1; k <= 22; ++k) {
    for (const df_status status : {DF_IO, DF_DENIED, DF_CONFLICT}) {
      CAPTURE(k);
      CAPTURE(status);
      World w = world_before();
      watch(w);
      w.seed = static_cast<std::uint32_t>(k);
      w.fail_at = k;
      w.fail_with = status;
      REQUIRE(replicate(w, {"mirror", "far"}) == status);
      CHECK(w.violations.empty());
      CHECK(is_current(w, "mirror") != is_current(w, "far"));
      CHECK(w.errors() == 2);
      w.reset();
      w.fail_at = 0;
      REQUIRE(replicate(w, {"mirror", "far"}) == DF_OK);
      CHECK(is_current(w, "mirror"));
      CHECK(is_current(w, "far"));
      w.reset();
      REQUIRE(replicate(w, {"mirror", "far"}) == DF_OK);
      CHECK(w.writes() == 0);
    }
  }
}

TEST_CASE("whenever it is interrupted, no page lacks a file, and again finishes") {
  for (std::size_t k = 1; k <= 22; ++k) {
    CAPTURE(k);
    World w = world_before();
    watch(w);
    w.cancel_at = k;
    REQUIRE(replicate(w, {"mirror", "far"}) == DF_CANCELLED);
    CHECK(w.errors() == 0);
    w.reset();
    w.cancel_at = 0;
    REQUIRE(replicate(w, {"mirror", "far"}) == DF_OK);
    CHECK(is_current(w, "mirror"));
    CHECK(is_current(w, "far"));
  }
}

TEST_CASE("a mirror that cannot be listed is left out and named, the other becomes current") {
  World w = world_before();
  w.buckets["mirror"].list_status = DF_IO;
  CHECK(replicate(w, {"mirror", "far"}) == DF_IO);
  CHECK(is_current(w, "far"));
  CHECK(w.state("mirror") == DF_SITE_UNCHANGED);
  CHECK(last_finding(w).message == "not current: mirror (0 of 15 files stored); current: far");
}

TEST_CASE("a mirror that refuses writes stops alone") {
  World w = world_before();
  w.buckets["far"].write_status = DF_DENIED;
  CHECK(replicate(w, {"mirror", "far"}) == DF_DENIED);
  CHECK(is_current(w, "mirror"));
  CHECK(w.written("far").empty());
  CHECK(w.findings[0].code == "replicate/denied");
  CHECK(w.findings[0].message.find("far: ") == 0);
  CHECK(last_finding(w).message == "not current: far (0 of 11 files stored); current: mirror");
}

TEST_CASE("when every mirror is down, the gravest reason is returned") {
  World w = world_before();
  w.buckets["mirror"].list_status = DF_IO;
  w.buckets["far"].list_status = DF_DENIED;
  CHECK(replicate(w, {"mirror", "far"}) == DF_DENIED);
  CHECK(w.operations.empty());
}

TEST_CASE("a source that cannot be listed ends the stage before any write") {
  World w = world_before();
  w.buckets["primary"].list_status = DF_DENIED;
  CHECK(replicate(w, {"mirror", "far"}) == DF_DENIED);
  CHECK(w.operations.empty());
  CHECK(w.states.empty());
}

TEST_CASE("an object that changes in the source meanwhile is a conflict, never a mix") {
  World w = world_before();
  w.concurrency = 1;
  bool changed = false;
  w.on_write = [&](const fake::Record&) {
    if (!std::exchange(changed, true)) {
      w.hold("primary", "js/2.js", "js3");
    }
  };
  CHECK(replicate(w, {"mirror"}) == DF_CONFLICT);
  CHECK(w.buckets["mirror"].objects.count("js/2.js") == 0);
  CHECK(w.state("mirror") == DF_SITE_PREPARED);
}
