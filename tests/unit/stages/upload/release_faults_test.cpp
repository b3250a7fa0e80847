// Faults at every write of a deployment and of a return, in both publish modes and with deletes:
// what the bucket holds is whole at every moment, and the same command again finishes.

#include "stages/upload/rollback.hpp"
#include "stages/upload/upload.hpp"
#include "tests/unit/stages/fake_host.hpp"
#include "tests/unit/stages/site_model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using fake::World;

namespace {

df_status upload(World& w, const std::string& publish) {
  return w.run(deployflow::Bind<deployflow::stages::Upload>::table,
               {{"to", fake::text("primary")},
                {"publish", fake::text(publish)},
                {"delete", fake::number(1)},
                {"keep", fake::number(3)}});
}

df_status rollback(World& w, const std::string& id) {
  fake::Options options{{"in", fake::text("primary")}};
  if (!id.empty()) {
    options["release"] = fake::text(id);
  }
  return w.run(deployflow::Bind<deployflow::stages::Rollback>::table, options);
}

World world_with_two_releases(const std::string& publish) {
  World w;
  w.buckets["primary"];
  for (const int version : {1, 2}) {
    w.site = fake::site_version(version);
    REQUIRE(upload(w, publish) == DF_OK);
    w.now_s += 10;
  }
  w.reset();
  return w;
}

void watch(World& w) {
  w.on_write = [&w](const fake::Record& r) {
    const std::string broken = fake::broken_page(w.buckets["primary"]);
    REQUIRE_MESSAGE(broken.empty(), "after " << r.key << ": " << broken);
  };
}

/// Does the bucket hold the site and, but for what is reserved, nothing else?
bool equals_site(const World& w, const std::vector<fake::Artifact>& site) {
  const fake::Bucket& bucket = w.buckets.at("primary");
  const auto visible =
      std::count_if(bucket.objects.begin(), bucket.objects.end(), [](const auto& one) {
        return one.first.rfind(".deployflow/", 0) != 0;
      });
  return fake::holds_site(bucket, site) && static_cast<std::size_t>(visible) == site.size();
}

bool is_locked(const World& w) {
  return w.buckets.at("primary").objects.count(".deployflow/lock.json") != 0;
}

}  // namespace

TEST_CASE("whichever write of a deployment fails or is the last, the same command again finishes") {
  for (const char* publish : {"direct", "staged"}) {
    for (const bool cancels : {false, true}) {
      for (std::uint32_t seed = 1; seed <= 3; ++seed) {
        std::size_t k = 1;
        for (;; ++k) {
          CAPTURE(publish);
          CAPTURE(cancels);
          CAPTURE(seed);
          CAPTURE(k);
          World w = world_with_two_releases(publish);
          w.site = fake::site_version(3);
          watch(w);
          w.seed = seed;
          (cancels ? w.cancel_at : w.fail_at) = k;
          const df_status status = upload(w, publish);
          const bool was_reached = w.writes_given >= k;
          CHECK(w.violations.empty());
          CHECK_FALSE(is_locked(w));
          if (cancels && was_reached) {
            REQUIRE(status == DF_CANCELLED);
          }
          w.fail_at = w.cancel_at = 0;
          w.now_s += 10;
          REQUIRE(upload(w, publish) == DF_OK);
          REQUIRE(equals_site(w, w.site));
          w.reset();
          REQUIRE(upload(w, publish) == DF_OK);
          CHECK(w.writes() == 0);
          CHECK(w.count(".deployflow/releases/") == 0);
          if (!was_reached) {
            REQUIRE(status == DF_OK);
            break;
          }
        }
        CHECK(k > 20);  // every write was one that failed
      }
    }
  }
}

TEST_CASE("an interruption while the lock is removed leaves no lock") {
  World w = world_with_two_releases("direct");
  w.site = fake::site_version(3);
  w.cut_farewell = true;
  upload(w, "direct");
  CHECK_FALSE(w.cut_farewell);
  CHECK_FALSE(is_locked(w));
}

TEST_CASE("whichever write of a return fails or is the last, the same command again finishes") {
  for (const char* publish : {"direct", "staged"}) {
    for (const bool cancels : {false, true}) {
      for (std::size_t k = 1;; ++k) {
        CAPTURE(publish);
        CAPTURE(cancels);
        CAPTURE(k);
        World w = world_with_two_releases(publish);
        watch(w);
        (cancels ? w.cancel_at : w.fail_at) = k;
        const std::string first = "20260101T000000Z-000001";
        const df_status status = rollback(w, first);
        const bool was_reached = w.writes_given >= k;
        CHECK_FALSE(is_locked(w));
        w.fail_at = w.cancel_at = 0;
        w.now_s += 10;
        REQUIRE(rollback(w, first) == DF_OK);
        REQUIRE(equals_site(w, fake::site_version(1)));
        w.now_s += 10;
        REQUIRE(rollback(w, "20260101T000000Z-000002") == DF_OK);
        REQUIRE(equals_site(w, fake::site_version(2)));
        if (!was_reached) {
          CHECK(status == DF_OK);
          CHECK(k > 10);
          break;
        }
      }
    }
  }
}
