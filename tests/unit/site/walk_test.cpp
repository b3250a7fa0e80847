#include "plugins/host/site/walk.hpp"

#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

using deployflow::Errc;
using deployflow::site::ArtifactSet;
using deployflow::site::walk;
using deployflow::test::Scratch;

namespace fs = std::filesystem;

namespace {

std::vector<std::string> keys(const ArtifactSet& set) {
  std::vector<std::string> out;
  for (const auto id : set.ids()) {
    out.push_back(set.get(id)->key);
  }
  return out;
}

std::string only_problem(const std::string& root) {
  ArtifactSet set;
  const auto walked = walk(root, "", set, {});
  REQUIRE(walked.ok());
  REQUIRE(walked->problems.size() == 1);
  return walked->problems[0].code;
}

}  // namespace

TEST_CASE("a folder becomes keys relative to it, in order, with media types") {
  const Scratch site;
  site.write("index.html", "x");
  site.write("css/app.css", "y");
  site.write("a b/caf\xC3\xA9.txt", "z");
  ArtifactSet set;
  REQUIRE(walk(site.path() + "/", "", set, {}).ok());
  CHECK(keys(set) == std::vector<std::string>{"a b/caf\xC3\xA9.txt", "css/app.css", "index.html"});
  CHECK(set.find("css/app.css")->media_type == "text/css; charset=utf-8");
  CHECK(set.find("css/app.css")->path == site.path() + "/css/app.css");
}

TEST_CASE("one file is a site of its own name, or of the name given") {
  const Scratch site;
  const auto file = site.write("page.html", "x");
  ArtifactSet set;
  REQUIRE(walk(file, "", set, {}).ok());
  ArtifactSet named;
  REQUIRE(walk(file, "a/index.html", named, {}).ok());
  CHECK(keys(set) == std::vector<std::string>{"page.html"});
  CHECK(keys(named) == std::vector<std::string>{"a/index.html"});
  ArtifactSet refused;
  CHECK(walk(file, "../up.html", refused, {}).error().code == Errc::input);
}

TEST_CASE("a path that does not exist, or is a device, is a usage error that names it") {
  ArtifactSet set;
  CHECK(walk("/nonexistent/site", "", set, {}).error().code == Errc::usage);
  CHECK(walk("/dev/null", "", set, {}).error().code == Errc::usage);
}

TEST_CASE("version control, system droppings and the reserved folder are left out and told") {
  const Scratch site;
  for (const char* name :
       {".git/config", ".DS_Store", ".deployflow/current.json", "sub/.svn/x", "keep.txt"}) {
    site.write(name, "x");
  }
  ArtifactSet set;
  const auto walked = walk(site.path(), "", set, {});
  REQUIRE(walked.ok());
  CHECK(keys(set) == std::vector<std::string>{"keep.txt"});
  CHECK(walked->skipped.size() == 4);
}

TEST_CASE("links inside the site are followed; dead ones, loops and ways out are problems") {
  const Scratch site;
  const Scratch elsewhere;
  elsewhere.write("secret.txt", "x");
  site.write("real/a.txt", "x");
  SUBCASE("inside") {
    fs::create_directory_symlink("real", site / "alias");
    fs::create_symlink("real/a.txt", site / "b.txt");
    ArtifactSet set;
    REQUIRE(walk(site.path(), "", set, {})->problems.empty());
    CHECK(keys(set) == std::vector<std::string>{"alias/a.txt", "b.txt", "real/a.txt"});
  }
  SUBCASE("dead") {
    fs::create_symlink("nowhere", site / "dead");
    CHECK(only_problem(site.path()) == "site/dead-symlink");
  }
  SUBCASE("loop of links") {
    fs::create_symlink("loop", site / "loop");
    CHECK(only_problem(site.path()) == "site/link-loop");
  }
  SUBCASE("folder that contains itself") {
    fs::create_directory_symlink("..", site / "real/up");
    CHECK(only_problem(site.path()) == "site/link-loop");
  }
  SUBCASE("out of the site") {
    fs::create_symlink(elsewhere / "secret.txt", site / "out");
    CHECK(only_problem(site.path()) == "site/link-outside");
  }
  SUBCASE("to a sibling whose name starts with the site's") {
    fs::create_directory(site / "real-not");
    site.write("real-not/x", "x");
    fs::create_symlink("../real-not/x", site / "real/link");
    CHECK(only_problem(site / "real") == "site/link-outside");
  }
}

TEST_CASE("a FIFO is a problem and is never opened") {
  const Scratch site;
  site.write("index.html", "x");
  REQUIRE(::mkfifo((site / "pipe").c_str(), 0600) == 0);
  CHECK(only_problem(site.path()) == "site/not-a-file");
}

TEST_CASE("a name that is not UTF-8 is a problem, and all problems come at once") {
  const Scratch site;
  site.write("bad\xFF.txt", "x");
  fs::create_symlink("nowhere", site / "dead");
  ArtifactSet set;
  const auto walked = walk(site.path(), "", set, {});
  REQUIRE(walked.ok());
  CHECK(walked->problems.size() == 2);
}

TEST_CASE("an interrupted walk ends") {
  const Scratch site;
  site.write("a", "x");
  std::stop_source stop;
  stop.request_stop();
  ArtifactSet set;
  CHECK(walk(site.path(), "", set, stop.get_token()).error().code == Errc::cancelled);
}
