#include "plugins/host/site/walk.hpp"

#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

using deployflow::Errc;
using deployflow::site::ArtifactSet;
using deployflow::site::Problem;
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

TEST_CASE("a link to a FIFO, a socket and a device are no files either") {
  const Scratch site;
  SUBCASE("link to a FIFO") {
    REQUIRE(::mkfifo((site / "pipe").c_str(), 0600) == 0);
    fs::create_symlink("pipe", site / "link");
    ArtifactSet set;
    CHECK(walk(site.path(), "", set, {})->problems.size() == 2);
    fs::remove(site / "link");
  }
  SUBCASE("socket") {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = site / "socket";
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::close(fd);
  }
  SUBCASE("device") {
    // Root alone may make one, and not in every container.
    if (::mknod((site / "null").c_str(), S_IFCHR | 0600, ::makedev(1, 3)) != 0) {
      MESSAGE("skipped: no device can be made here");
      return;
    }
  }
  CHECK(only_problem(site.path()) == "site/not-a-file");
}

TEST_CASE("a key that no store takes is refused with the file's name") {
  const Scratch site;
  std::string folder = site.path();
  for (int i = 0; i < 5; ++i) {
    folder += "/" + std::string(200, static_cast<char>('a' + i));
    fs::create_directory(folder);
  }
  // 5 * 201 and the name.
  const std::string fits = folder + "/" + std::string(19, 'f');
  const std::string too_long = folder + "/" + std::string(20, 't');
  for (const auto& path : {fits, too_long}) {
    REQUIRE(::mknod(path.c_str(), S_IFREG | 0600, 0) == 0);
  }
  ArtifactSet set;
  const auto walked = walk(site.path(), "", set, {});
  REQUIRE(walked.ok());
  CHECK(set.count() == 1);
  REQUIRE(walked->problems.size() == 1);
  CHECK(walked->problems[0].code == "site/bad-name");
  CHECK(walked->problems[0].path == too_long);
  CHECK(walked->problems[0].message.find("1025 bytes") != std::string::npos);
  CHECK(walked->problems[0].severity == Problem::Severity::error);
}

TEST_CASE("two names that look the same are an error, two that differ only in case a warning") {
  const Scratch site;
  for (const char* name : {"caf\xC3\xA9.html",
                           "cafe\xCC\x81.html",
                           "A/Index.html",
                           "a/index.html",
                           "stra\303\237e",
                           "STRASSE",
                           "other/caf\xC3\xA9.html",
                           "index.html"}) {
    site.write(name, "x");
  }
  ArtifactSet set;
  const auto walked = walk(site.path(), "", set, {});
  REQUIRE(walked.ok());
  CHECK(set.count() == 8);
  REQUIRE(walked->problems.size() == 3);
  const auto& found = walked->problems;  // in order of path
  CHECK(found[0].path == site / "a/index.html");
  CHECK(found[0].code == "site/same-but-case");
  CHECK(found[0].message.find("A/Index.html") != std::string::npos);
  CHECK(found[0].severity == Problem::Severity::warning);
  CHECK(found[1].path == site / "caf\xC3\xA9.html");
  CHECK(found[1].code == "site/same-name");
  CHECK(found[1].message.find("cafe\xCC\x81.html") != std::string::npos);
  CHECK(found[1].severity == Problem::Severity::error);
  CHECK(found[2].path == site / "stra\303\237e");
  CHECK(found[2].severity == Problem::Severity::warning);
}

TEST_CASE("of three names that differ only in case, one of which is there twice, all are told") {
  const Scratch site;
  for (const char* name : {"\xC3\x89", "\xC3\xA9", "e\xCC\x81", "E\xCC\x81"}) {  // É é, twice each
    site.write(name, "x");
  }
  ArtifactSet set;
  const auto walked = walk(site.path(), "", set, {});
  REQUIRE(walked.ok());
  std::size_t errors = 0;
  for (const auto& problem : walked->problems) {
    errors += problem.code == "site/same-name" ? 1U : 0U;
  }
  CHECK(walked->problems.size() == 3);
  CHECK(errors == 2);
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
