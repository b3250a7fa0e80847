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

constexpr auto k_source_etag = "x-amz-meta-deployflow-source-etag";

const df_stage& stage() {
  return deployflow::Bind<deployflow::stages::Replicate>::table;
}

df_status replicate(World& w, std::vector<std::string> to = {"mirror"}) {
  return w.run(stage(), {{"from", fake::text("primary")}, {"to", fake::list(std::move(to))}});
}

void publish(World& w, int version) {
  for (const fake::Artifact& a : fake::site_version(version)) {
    w.hold("primary", a.key, a.bytes);
  }
}

World world_with(int version) {
  World w;
  publish(w, version);
  w.buckets["mirror"];
  return w;
}

bool is_mirror(World& w, const std::string& target) {
  const auto& source = w.buckets["primary"].objects;
  auto& copy = w.buckets[target].objects;
  return std::all_of(source.begin(), source.end(), [&](const auto& entry) {
    const auto found = copy.find(entry.first);
    return found != copy.end() && found->second.bytes == entry.second.bytes;
  });
}

std::size_t heads(const World& w) {
  return static_cast<std::size_t>(
      std::count_if(w.operations.begin(), w.operations.end(), [](const fake::Record& r) {
        return r.kind == DF_OP_HEAD;
      }));
}

}  // namespace

TEST_CASE("the mirror gets what the source holds, files before pages, home page and worker last") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    World w = world_with(1);
    w.seed = seed;
    w.on_write = [&w](const fake::Record&) {
      REQUIRE(fake::broken_page(w.buckets["mirror"]).empty());
    };
    REQUIRE(replicate(w) == DF_OK);
    CHECK(w.violations.empty());
    CHECK(is_mirror(w, "mirror"));
    const auto order = w.written("mirror");
    CHECK(order[order.size() - 1] == "sw.js");
    CHECK(order[order.size() - 2] == "index.html");
    CHECK(w.written("primary").empty());
    CHECK(w.state("mirror") == DF_SITE_CURRENT);
    CHECK(w.state("primary") == DF_SITE_UNCHANGED);
  }
}

TEST_CASE("it goes by what the source holds and not by the artifacts of the run") {
  World w = world_with(1);
  w.add("only-local.css", "x");
  w.hold("primary", "only-there.css", "y");
  REQUIRE(replicate(w) == DF_OK);
  CHECK(w.buckets["mirror"].objects.count("only-local.css") == 0);
  CHECK(w.buckets["mirror"].objects.count("only-there.css") == 1);
}

TEST_CASE("a second replication asks for listings alone") {
  World w = world_with(1);
  REQUIRE(replicate(w) == DF_OK);
  w.reset();
  REQUIRE(replicate(w) == DF_OK);
  CHECK(w.operations.empty());
  CHECK(w.states == std::vector<std::pair<std::string, std::int32_t>>{{"mirror", DF_SITE_CURRENT}});
  CHECK(w.outputs["transferred"] == "0");
  CHECK(w.outputs["kept"] == std::to_string(w.buckets["primary"].objects.size()));
}

TEST_CASE("only what differs is transferred, and foreign objects stay") {
  World w = world_with(1);
  REQUIRE(replicate(w) == DF_OK);
  w.hold("mirror", "foreign.css", "x");
  w.reset();
  w.hold("primary", "img/logo.png", "logo9");
  w.hold("primary", "js/1.js", "longer than before");
  REQUIRE(replicate(w) == DF_OK);
  CHECK(w.written("mirror").size() == 2);
  CHECK(w.outputs["bytes"] == "23");
  CHECK(w.buckets["mirror"].objects.count("foreign.css") == 1);
  CHECK_FALSE(w.planned_late);
  CHECK(std::count_if(w.plan.begin(), w.plan.end(), [](const fake::PlanEntry& e) {
          return e.action == DF_UPDATE;
        }) == 2);
}

TEST_CASE("each transfer carries the source's ETag in its metadata") {
  World w = world_with(1);
  REQUIRE(replicate(w) == DF_OK);
  for (const auto& [key, object] : w.buckets["primary"].objects) {
    CHECK(w.buckets["mirror"].objects[key].headers[k_source_etag] == object.etag);
  }
}

TEST_CASE("a mirror whose ETags mean something else is asked for its metadata, not filled again") {
  World w = world_with(1);
  w.buckets["mirror"].invents_etags = true;
  REQUIRE(replicate(w) == DF_OK);
  w.reset();
  REQUIRE(replicate(w) == DF_OK);
  CHECK(w.written("mirror").empty());
  CHECK(heads(w) == w.buckets["primary"].objects.size());
  CHECK(w.state("mirror") == DF_SITE_CURRENT);

  w.reset();
  w.hold("primary", "img/logo.png", "logo9");  // of the same size
  REQUIRE(replicate(w) == DF_OK);
  CHECK(w.written("mirror") == std::vector<std::string>{"img/logo.png"});
  CHECK(is_mirror(w, "mirror"));
}

TEST_CASE("an object with another version's metadata, or none, is transferred") {
  World w;
  w.hold("primary", "a.css", "now");
  w.hold("primary", "b.css", "now");
  w.hold("mirror", "a.css", "old");
  w.hold("mirror", "b.css", "old");
  w.buckets["mirror"].objects["a.css"].headers[k_source_etag] = fake::etag_of("old");
  REQUIRE(replicate(w) == DF_OK);
  CHECK(w.written("mirror").size() == 2);
  CHECK(is_mirror(w, "mirror"));
}

TEST_CASE("an object without suffix comes after all files and before all other pages") {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    World w;
    w.seed = seed;
    w.hold("primary", "a.css", "a");
    w.hold("primary", "about", "b");
    w.hold("primary", "aaa.html", "c");
    w.buckets["mirror"];
    REQUIRE(replicate(w) == DF_OK);
    CHECK(w.written("mirror") == std::vector<std::string>{"a.css", "about", "aaa.html"});
  }
}

TEST_CASE("two mirrors are filled side by side, each with its own barriers") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    World w = world_with(1);
    w.seed = seed;
    w.buckets["far"];
    w.on_write = [&w](const fake::Record& r) {
      REQUIRE(fake::broken_page(w.buckets[r.target]).empty());
    };
    REQUIRE(replicate(w, {"mirror", "far"}) == DF_OK);
    CHECK(is_mirror(w, "mirror"));
    CHECK(is_mirror(w, "far"));
    CHECK(w.state("far") == DF_SITE_CURRENT);
    CHECK(w.outputs["transferred"] == "20");
    const auto& ops = w.operations;
    const auto is_far = [](const fake::Record& r) { return r.target == "far"; };
    const auto first_far = std::find_if(ops.begin(), ops.end(), is_far);
    CHECK(std::any_of(first_far, ops.end(), [&](const auto& r) { return !is_far(r); }));
  }
}

TEST_CASE("a source that holds nothing is an error") {
  World w;
  w.buckets["primary"];
  w.hold("mirror", "a", "a");
  CHECK(replicate(w) == DF_FAILED);
  REQUIRE(w.findings.size() == 1);
  CHECK(w.findings[0].code == "replicate/nothing");
  CHECK(w.states.empty());
}

TEST_CASE("a plan that is not the approved one leaves every destination as it is, and unlocked") {
  World w = world_with(1);
  w.buckets["far"];
  w.plan_answer = DF_CONFLICT;
  CHECK(replicate(w, {"mirror", "far"}) == DF_CONFLICT);
  CHECK(w.bases == std::vector<std::pair<std::string, std::string>>{{"mirror", ""}, {"far", ""}});
  CHECK(w.buckets["mirror"].objects.empty());
  CHECK(w.buckets["far"].objects.empty());
  CHECK(w.errors() == 1);
  CHECK(w.states.empty());
}

TEST_CASE("a dry run plans everything and changes no bucket") {
  World w = world_with(1);
  w.dry_run = true;
  REQUIRE(replicate(w) == DF_OK);
  CHECK(w.buckets["mirror"].objects.empty());
  CHECK(w.plan.size() == w.buckets["primary"].objects.size());
}

TEST_CASE("a marker of the folder that is the source's prefix is not part of the site") {
  World w;
  w.hold("primary", "", "");
  w.hold("primary", "a.css", "a");
  w.buckets["mirror"];
  REQUIRE(replicate(w) == DF_OK);
  CHECK(w.written("mirror") == std::vector<std::string>{"a.css"});
}

TEST_CASE("leftovers of earlier transfers are removed from the mirror") {
  World w = world_with(1);
  w.buckets["mirror"].uploads = {{"img/logo.png", "u1"}, {"backup.tar", "u2"}};
  REQUIRE(replicate(w) == DF_OK);
  REQUIRE(w.buckets["mirror"].uploads.size() == 1);
  CHECK(w.buckets["mirror"].uploads[0].key == "backup.tar");
}

TEST_CASE("targets that make no sense are refused before anything is asked of a store") {
  using Targets = std::vector<std::string>;
  for (const Targets& to : {Targets{}, Targets{"primary"}, Targets{"mirror", "mirror"}}) {
    World w = world_with(1);
    CHECK(replicate(w, to) == DF_BAD_OPTIONS);
    CHECK(w.errors() == 1);
    CHECK(w.findings[0].code == "replicate/options");
    CHECK(w.operations.empty());
  }
}

TEST_CASE("the table says what the stage does") {
  CHECK(std::string(stage().name) == "replicate");
  CHECK(stage().caps == (DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE));
}

TEST_CASE("previews, and what other deployments keep for themselves, are not copied") {
  World w = world_with(1);
  w.hold("primary", "previews/a/.deployflow/preview.json", "{}");
  w.hold("primary", "previews/a/!first.html", "a page");
  w.hold("primary", "previews/a/index.html", "a page");
  w.hold("primary", "look/at/b/.deployflow/preview.json", "{}");
  w.hold("primary", "look/at/b/c/index.html", "a page");
  w.hold("primary", "docs/.deployflow/lock.json", "{}");
  w.hold("primary", "docs/.deployflow/releases/x.json", "{}");
  // These belong to no preview, and are copied.
  w.hold("primary", "docs/index.html", "a page");
  w.hold("primary", "previews/index.html", "a page");
  w.hold("primary", "previews/ab/index.html", "a page");
  w.hold("primary", "look/at/index.html", "a page");
  for (const bool backwards : {false, true}) {
    w.buckets["primary"].lists_backwards = backwards;
    w.buckets["mirror"] = {};
    REQUIRE(replicate(w) == DF_OK);
    std::vector<std::string> copied;
    for (const auto& [key, object] : w.buckets["mirror"].objects) {
      if (key.find('/') != std::string::npos && key.rfind(".deployflow/", 0) != 0 &&
          (key.rfind("previews/", 0) == 0 || key.rfind("look/", 0) == 0 ||
           key.rfind("docs/", 0) == 0)) {
        copied.push_back(key);
      }
    }
    CHECK(copied == std::vector<std::string>{"docs/index.html",
                                             "look/at/index.html",
                                             "previews/ab/index.html",
                                             "previews/index.html"});
    CHECK(w.buckets["mirror"].objects.count("index.html") == 1);
  }
}
