#include "stages/upload/upload.hpp"

#include "tests/unit/stages/fake_host.hpp"
#include "tests/unit/stages/site_model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using fake::World;

namespace {

const df_stage& stage() {
  return deployflow::Bind<deployflow::stages::Upload>::table;
}

df_status upload(World& w) {
  return w.run(stage(), {{"to", fake::text("primary")}});
}

World world_with(int version) {
  World w;
  w.site = fake::site_version(version);
  w.buckets["primary"];
  return w;
}

std::size_t place(const std::vector<std::string>& keys, const std::string& key) {
  const auto found = std::find(keys.begin(), keys.end(), key);
  REQUIRE_MESSAGE(found != keys.end(), key);
  return static_cast<std::size_t>(found - keys.begin());
}

}  // namespace

TEST_CASE("the first upload stores the whole site, files before pages, home page and worker last") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    World w = world_with(1);
    w.seed = seed;
    REQUIRE(upload(w) == DF_OK);
    CHECK(w.violations.empty());
    CHECK(fake::holds_site(w.buckets["primary"], w.site));
    CHECK(w.buckets["primary"].objects["p.html"].media_type == "text/html; charset=utf-8");
    const auto order = w.written("primary");
    REQUIRE(order.size() == w.site.size());
    CHECK(order[order.size() - 1] == "sw.js");
    CHECK(order[order.size() - 2] == "index.html");
    for (const char* file :
         {"css/app.1.css", "img/logo.png", "js/1.js", "feed.xml", "robots.txt"}) {
      CHECK(place(order, file) < place(order, "about/index.html"));
      CHECK(place(order, file) < place(order, "p.html"));
    }
  }
}

TEST_CASE(
    "a changed site goes new files, changed files, new pages, changed pages, home, feed and "
    "worker") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    World w = world_with(1);
    REQUIRE(upload(w) == DF_OK);
    w.reset();
    w.seed = seed;
    w.site = fake::site_version(2);
    REQUIRE(upload(w) == DF_OK);
    const auto order = w.written("primary");
    REQUIRE(order.size() == w.site.size() - 1);  // all but robots.txt
    for (const char* fresh : {"css/app.2.css", "js/2.js", "about/team.2.jpg"}) {
      CHECK(place(order, fresh) < 3);
    }
    CHECK(order[3] == "img/logo.png");
    CHECK(std::max(place(order, "new/a.html"), place(order, "new/b.html")) == 5);
    CHECK(std::max(place(order, "p.html"), place(order, "about/index.html")) == 7);
    CHECK(order[8] == "index.html");
    CHECK(std::max(place(order, "feed.xml"), place(order, "sw.js")) == 10);
  }
}

TEST_CASE("a second upload writes nothing, and the site is current at once") {
  World w = world_with(1);
  REQUIRE(upload(w) == DF_OK);
  w.reset();
  CHECK(upload(w) == DF_OK);
  CHECK(w.operations.empty());
  CHECK(w.count(".deployflow/releases/") == 0);
  CHECK(w.count(".deployflow/current.json") == 0);
  CHECK(w.states ==
        std::vector<std::pair<std::string, std::int32_t>>{{"primary", DF_SITE_CURRENT}});
  CHECK(w.outputs["uploaded"] == "0");
  CHECK(w.outputs["bytes"] == "0");
  CHECK(w.outputs["kept"] == std::to_string(w.site.size()));
  CHECK(w.plan.size() == w.site.size());
  CHECK(std::all_of(w.plan.begin(), w.plan.end(), [](const fake::PlanEntry& e) {
    return e.action == DF_KEEP && e.reason == "same content" && e.size == 0;
  }));
}

TEST_CASE("the plan names every file with its reason before the first operation") {
  World w;
  w.add("new.css", "12345");
  w.add("longer.css", "12345");
  w.add("other.css", "12345");
  w.add("same.css", "12345");
  w.hold("primary", "longer.css", "1");
  w.hold("primary", "other.css", "54321");
  w.hold("primary", "same.css", "12345");
  w.hold("primary", "foreign.css", "x");
  REQUIRE(upload(w) == DF_OK);
  std::string plan;
  for (const auto& e : w.plan) {
    plan += std::to_string(e.action) + " " + e.target + " " + e.key + " " + std::to_string(e.size) +
            " " + e.reason + "\n";
  }
  CHECK(plan ==
        "2 primary longer.css 5 size differs\n"
        "1 primary new.css 5 new\n"
        "2 primary other.css 5 content differs\n"
        "3 primary same.css 5 headers differ\n");
  CHECK_FALSE(w.planned_late);
  CHECK(w.etags_asked == 0);  // no file has parts
  CHECK(w.buckets["primary"].objects["foreign.css"].bytes == "x");
  CHECK(w.outputs["uploaded"] == "4");
  CHECK(w.outputs["kept"] == "0");
  CHECK(w.outputs["bytes"] == "20");
  CHECK(w.files_done == 4);
  CHECK(w.files_total == 4);
  CHECK(w.bytes_done == 20);
  CHECK(w.bytes_total == 20);
}

TEST_CASE("the state of the site is told before it comes true, and only then") {
  using States = std::vector<std::pair<std::string, std::int32_t>>;
  World w;
  w.add("a.css", "a");
  w.buckets["primary"];
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.states == States{{"primary", DF_SITE_PREPARED}, {"primary", DF_SITE_CURRENT}});

  w.reset();
  w.add("b.css", "b");
  w.add("page.html", "page");
  w.on_write = [&w](const fake::Record& r) {
    CHECK(w.state("primary") == (r.key == "b.css" ? DF_SITE_PREPARED : DF_SITE_CHANGING));
  };
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.state("primary") == DF_SITE_CURRENT);

  w.reset();
  w.on_write = nullptr;
  w.site[0].bytes = "changed";  // a style that live pages may use: no state of preparation
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.states == States{{"primary", DF_SITE_CHANGING}, {"primary", DF_SITE_CURRENT}});
}

TEST_CASE("the order in which a store lists does not matter") {
  World w = world_with(1);
  REQUIRE(upload(w) == DF_OK);
  w.reset();
  w.buckets["primary"].lists_backwards = true;
  CHECK(upload(w) == DF_OK);
  CHECK(w.operations.empty());
}

TEST_CASE("operations overlap as far as the host allows") {
  World w;
  for (int i = 0; i < 1000; ++i) {
    w.add("f" + std::to_string(i), "x");
  }
  w.buckets["primary"];
  w.concurrency = 200;
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.most_in_flight == 200);
}

TEST_CASE("unfinished uploads of the site's keys are removed at the end, foreign ones stay") {
  World w = world_with(1);
  w.buckets["primary"].uploads = {{"img/logo.png", "u1"}, {"backup.tar", "u2"}, {"p.html", "u3"}};
  REQUIRE(upload(w) == DF_OK);
  REQUIRE(w.buckets["primary"].uploads.size() == 1);
  CHECK(w.buckets["primary"].uploads[0].id == "u2");
  for (std::size_t i = w.operations.size() - 2; i < w.operations.size(); ++i) {
    CHECK(w.operations[i].kind == DF_OP_ABORT_UPLOAD);
  }
}

TEST_CASE(
    "unfinished uploads of files that are kept are removed, too, and nothing else is written") {
  World w = world_with(1);
  REQUIRE(upload(w) == DF_OK);
  w.reset();
  w.buckets["primary"].uploads = {{"img/logo.png", "u1"}};
  REQUIRE(upload(w) == DF_OK);
  CHECK(w.buckets["primary"].uploads.empty());
  CHECK(w.operations.size() == 1);
  CHECK(w.state("primary") == DF_SITE_CURRENT);
}

TEST_CASE("a store that cannot list unfinished uploads is as good as any other") {
  for (const df_status status : {DF_UNSUPPORTED, DF_DENIED, DF_IO}) {
    World w = world_with(1);
    w.buckets["primary"].uploads_status = status;
    CHECK(upload(w) == DF_OK);
    CHECK(fake::holds_site(w.buckets["primary"], w.site));
  }
}

TEST_CASE("a dry run takes the same steps and changes no bucket") {
  World real = world_with(1);
  World dry = world_with(1);
  dry.dry_run = true;
  REQUIRE(upload(real) == DF_OK);
  REQUIRE(upload(dry) == DF_OK);
  CHECK(dry.buckets["primary"].objects.empty());
  CHECK(dry.written("primary") == real.written("primary"));
  CHECK(dry.plan.size() == real.plan.size());
}

TEST_CASE("a site without files is an error") {
  World w;
  w.buckets["primary"];
  CHECK(upload(w) == DF_FAILED);
  CHECK(w.errors() == 1);
  CHECK(w.states.empty());
}

TEST_CASE("a key too long with the target's prefix is told before any write, each of them") {
  World w;
  w.buckets["primary"];
  w.prefix = "a/";
  w.add("index.html", "x");
  w.add(std::string(1022, 'k'), "fits");
  w.add(std::string(1023, 'k'), "too long by one");
  w.add(std::string(1024, 'k'), "too long by two");
  CHECK(upload(w) == DF_FAILED);
  CHECK(w.errors() == 2);
  CHECK(w.operations.empty());
}

TEST_CASE("a target that cannot be listed ends the stage before any write") {
  World w = world_with(1);
  w.buckets["primary"].list_status = DF_DENIED;
  CHECK(upload(w) == DF_DENIED);
  CHECK(w.operations.empty());
  CHECK(w.states.empty());
  CHECK(w.errors() == 1);  // the host's; the stage does not repeat it
}

TEST_CASE("the table says what the stage does") {
  CHECK(std::string(stage().name) == "upload");
  CHECK(stage().caps == (DF_CAP_READS_CONTENT | DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE));
  CHECK_FALSE(static_cast<bool>(stage().process));
  CHECK(static_cast<bool>(stage().run));
}
