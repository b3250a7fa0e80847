// Faults at every operation of a deployment: what the bucket holds must be whole at every moment,
// and the same command again must finish.

#include "stages/upload/upload.hpp"
#include "tests/unit/stages/fake_host.hpp"
#include "tests/unit/stages/site_model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using fake::World;

namespace {

df_status upload(World& w) {
  return w.run(deployflow::Bind<deployflow::stages::Upload>::table,
               {{"to", fake::text("primary")}});
}

/// The target before: empty, or with version 1 live.
World world_before(int live_version) {
  World w;
  w.buckets["primary"];
  if (live_version > 0) {
    w.site = fake::site_version(live_version);
    REQUIRE(upload(w) == DF_OK);
    w.reset();
  }
  w.site = fake::site_version(live_version + 1);
  return w;
}

void watch(World& w) {
  w.on_write = [&w](const fake::Record& r) {
    const std::string broken = fake::broken_page(w.buckets["primary"]);
    REQUIRE_MESSAGE(broken.empty(), "after " << r.key << ": " << broken);
  };
}

void finishes_and_then_rests(World& w) {
  w.reset();
  w.fail_at = w.cancel_at = 0;
  REQUIRE(upload(w) == DF_OK);
  CHECK(fake::holds_site(w.buckets["primary"], w.site));
  CHECK(w.state("primary") == DF_SITE_CURRENT);
  w.reset();
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.writes() == 0);
}

bool touched_page(const World& w) {
  const auto keys = w.written("primary");
  return std::any_of(keys.begin(), keys.end(), [](const std::string& key) {
    return key.find(".html") != std::string::npos;
  });
}

}  // namespace

TEST_CASE("whichever operation fails, no page lacks a file, and the same command again finishes") {
  for (const int live : {0, 1}) {
    // With a release live, what is replaced is put aside first.
    const std::size_t aside = live == 0 ? 0 : 5;
    const std::size_t count = live == 0 ? 10 : 11;
    for (std::size_t k = aside + 1; k <= aside + count; ++k) {
      for (const df_status status : {DF_IO, DF_DENIED, DF_CONFLICT, DF_TIMEOUT, DF_FAILED}) {
        for (std::uint32_t seed = 1; seed <= 4; ++seed) {
          CAPTURE(live);
          CAPTURE(k);
          CAPTURE(status);
          CAPTURE(seed);
          World w = world_before(live);
          watch(w);
          w.seed = seed;
          w.fail_at = k;
          w.fail_with = status;
          REQUIRE(upload(w) == status);
          CHECK(w.violations.empty());
          CHECK(w.errors() == 2);  // the key, and how many are stored
          CHECK(w.state("primary") != DF_SITE_CURRENT);
          finishes_and_then_rests(w);
        }
      }
    }
  }
}

TEST_CASE(
    "whenever the run is interrupted, no page lacks a file, and the same command again finishes") {
  for (const int live : {0, 1}) {
    for (std::size_t k = 1; k <= (live == 0 ? 12U : 18U); ++k) {
      CAPTURE(live);
      CAPTURE(k);
      World w = world_before(live);
      watch(w);
      w.cancel_at = k;
      REQUIRE(upload(w) == DF_CANCELLED);
      CHECK(w.errors() == 0);
      const bool is_stored = fake::holds_site(w.buckets["primary"], w.site);
      CHECK(is_stored == (w.state("primary") == DF_SITE_CURRENT));
      finishes_and_then_rests(w);
    }
  }
}

TEST_CASE("a failure among the files means that no page was touched") {
  constexpr std::size_t k_aside = 5;
  for (std::size_t k = 1; k <= 4; ++k) {
    World w = world_before(1);
    w.fail_at = k_aside + k;
    CHECK(upload(w) == DF_IO);
    CHECK_FALSE(touched_page(w));
    CHECK(w.state("primary") == (k == 4 ? DF_SITE_CHANGING : DF_SITE_PREPARED));
  }
}

TEST_CASE("each failed key has a finding with the store's words, the code and the artifact") {
  World w = world_before(0);
  w.fail_at = 1;
  CHECK(upload(w) == DF_IO);
  REQUIRE(w.findings.size() == 2);
  const auto failed = std::find_if(
      w.operations.begin(), w.operations.end(), [](const auto& r) { return r.status != DF_OK; });
  REQUIRE(failed != w.operations.end());
  CHECK(w.findings[0].code == "upload/io");
  CHECK(w.findings[0].message == failed->key + ": 503 SlowDown, still after 5 tries");
  CHECK(w.findings[0].artifact_id != 0);
  CHECK(w.findings[1].message.find("primary: 5 of 10 files stored") == 0);
}

TEST_CASE("refused credentials end the upload at once, a dead store after ten failures") {
  for (const df_status status : {DF_DENIED, DF_IO}) {
    World w;
    for (int i = 0; i < 100; ++i) {
      w.add("f" + std::to_string(i), "x");
    }
    w.buckets["primary"].write_status = status;
    w.concurrency = 3;
    CHECK(upload(w) == status);
    CHECK(w.operations.size() == (status == DF_DENIED ? 3 : 12));  // those in flight are finished
    CHECK(w.errors() == w.operations.size() + 1);
    CHECK(w.outputs["uploaded"] == "0");
  }
}

TEST_CASE("what a store does not prove is not stored") {
  World w = world_before(0);
  w.confirms = false;
  CHECK(upload(w) == DF_IO);
  CHECK_FALSE(touched_page(w));
  CHECK(w.findings[0].code == "upload/not-confirmed");
  CHECK(w.state("primary") == DF_SITE_PREPARED);
}

TEST_CASE("a failed upload leaves the unfinished uploads for the next run to resume") {
  World w = world_before(0);
  w.buckets["primary"].uploads = {{"img/logo.png", "u1"}};
  w.fail_at = 1;
  CHECK(upload(w) == DF_IO);
  CHECK(w.buckets["primary"].uploads.size() == 1);
}
