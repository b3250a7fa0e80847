#include "plugins/host/site/ignore_file.hpp"
#include "plugins/host/site/walk.hpp"
#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using deployflow::site::ArtifactSet;
using deployflow::site::IgnoreFiles;
using deployflow::site::walk;
using deployflow::test::Scratch;
using Entry = IgnoreFiles::Entry;

namespace fs = std::filesystem;

namespace {

bool leaves_out(std::string_view text, std::string_view key, Entry entry = Entry::other) {
  return IgnoreFiles::leave_out(IgnoreFiles::add(text, "", nullptr), key, entry);
}

std::vector<std::string> kept(const Scratch& site) {
  ArtifactSet set;
  const auto walked = walk(site.path(), "", set, {});
  REQUIRE(walked.ok());
  REQUIRE(walked->problems.empty());
  std::vector<std::string> out;
  for (const auto id : set.ids()) {
    out.push_back(set.get(id)->key);
  }
  return out;
}

}  // namespace

TEST_CASE("a pattern means what gitignore(5) says") {
  struct Row {
    const char* text;
    const char* key;
    bool is_left_out;
  };
  for (const Row& row : {
           Row{"a.txt", "a.txt", true},
           {"a.txt", "sub/a.txt", true},
           {"a.txt", "a.txt.bak", false},
           {"a.txt", "A.txt", false},
           {"/a.txt", "a.txt", true},
           {"/a.txt", "sub/a.txt", false},
           {"sub/a.txt", "sub/a.txt", true},
           {"sub/a.txt", "x/sub/a.txt", false},
           {"*.map", "deep/down/x.map", true},
           {"*.map", ".map", true},
           {"/*.map", "deep/x.map", false},
           {"docs/*.map", "docs/x.map", true},
           {"docs/*.map", "docs/deep/x.map", false},
           {"docs/**/*.map", "docs/x.map", true},
           {"docs/**/*.map", "docs/deep/down/x.map", true},
           {"**/x", "x", true},
           {"**/x", "a/b/x", true},
           {"**/a/x", "b/a/x", true},
           {"a/**", "a/b/c", true},
           {"a/**", "a", false},
           {"a/**/b", "a/b", true},
           {"a/**/b", "a/x/y/b", true},
           {"a/**/b", "a/xb", false},
           {"a**b", "axb", true},
           {"a**b/c", "a/b/c", false},
           {"?**/c", "ab/c", true},
           {"?**/c", "a/b/c", false},
           {"[a[:digit:]-c]", "b", false},
           {"[a[:digit:]-c]", "-", true},
           {"[[:space:]]", "\t", true},
           {"[[:space:]]", "x", false},
           {"?.txt", "a.txt", true},
           {"?.txt", "ab.txt", false},
           {"a?b/c", "a/b/c", false},
           {"[a-c].txt", "b.txt", true},
           {"[a-c].txt", "d.txt", false},
           {"[!a-c].txt", "d.txt", true},
           {"[^a-c].txt", "b.txt", false},
           {"[]a].txt", "].txt", true},
           {"[a-].txt", "-.txt", true},
           {"[[:digit:]x].txt", "7.txt", true},
           {"[[:digit:]x].txt", "x.txt", true},
           {"[[:nothing:]].txt", "x.txt", false},
           {"[a.txt", "[a.txt", false},
           {"[a-\\]].txt", "].txt", false},
           {"[\\]].txt", "].txt", true},
           {"# a comment", "# a comment", false},
           {"\\#a", "#a", true},
           {"\\!a", "!a", true},
           {"a\\*", "a*", true},
           {"a\\*", "ab", false},
           {"a  ", "a", true},
           {"a\\ ", "a ", true},
           {"a\\ ", "a", false},
           {"a\\  ", "a ", true},
           {" a", " a", true},
           {" a", "a", false},
           {"a\t", "a", false},
           {"a\\", "a", false},
           {"a\r\n", "a", true},
           {"\xEF\xBB\xBF"
            "a\n",
            "a",
            true},
           {"\n\n!\n/\n//\n", "a", false},
           {"*\n!a", "a", false},
           {"*\n!a", "b", true},
           {"!a\n*", "a", true},
           {"a\n!a\na", "a", true},
           {"caf?", "caf\xC3\xA9", false},
           {"caf??", "caf\xC3\xA9", true},
       }) {
    INFO(std::string(row.text) << " on " << std::string(row.key));
    CHECK(leaves_out(row.text, row.key) == row.is_left_out);
  }
}

TEST_CASE("a NUL ends a line, as it does for git") {
  CHECK(leaves_out(std::string("a\0b\nc\n", 6), "a"));
  CHECK(leaves_out(std::string("a\0b\nc\n", 6), "c"));
  CHECK_FALSE(leaves_out(std::string("a\0b\nc\n", 6), "b"));
}

TEST_CASE("a slash at the end is for folders alone") {
  CHECK(leaves_out("build/", "build", Entry::folder));
  CHECK(leaves_out("build/", "a/build", Entry::folder));
  CHECK_FALSE(leaves_out("build/", "build", Entry::other));
  CHECK(leaves_out("build", "build", Entry::folder));
  CHECK_FALSE(leaves_out("a/build/", "build", Entry::folder));
}

TEST_CASE("the nearest file decides, then those above it") {
  const auto top = IgnoreFiles::add("*.txt\n*.log", "", nullptr);
  const auto sub = IgnoreFiles::add("!keep.txt\n/only-here", "sub/", top);
  CHECK_FALSE(IgnoreFiles::leave_out(sub, "sub/keep.txt", Entry::other));
  CHECK(IgnoreFiles::leave_out(sub, "sub/other.txt", Entry::other));
  CHECK(IgnoreFiles::leave_out(sub, "sub/only-here", Entry::other));
  CHECK_FALSE(IgnoreFiles::leave_out(sub, "sub/deep/only-here", Entry::other));
  CHECK(IgnoreFiles::leave_out(top, "keep.txt", Entry::other));
}

TEST_CASE("no pattern takes long, whatever it is matched with") {
  std::string pattern;
  for (int i = 0; i < 100; ++i) {
    pattern += "**/*a";
  }
  CHECK_FALSE(leaves_out(pattern + "b", std::string(4'000, 'a') + "c"));
  CHECK_FALSE(leaves_out("/" + pattern + "[b]", std::string(4'000, 'a')));
}

TEST_CASE("what an ignore file says is not walked, and neither are ignore files themselves") {
  const Scratch site;
  site.write(".deployflowignore", "*.map\n/drafts/\n!drafts/back.html\n");
  site.write("index.html", "x");
  site.write("app.map", "x");
  site.write("drafts/back.html", "x");
  site.write("sub/drafts/kept.html", "x");
  site.write("sub/app.map", "x");
  site.write("sub/.deployflowignore", "!app.map\n/index.html");
  site.write("sub/index.html", "x");
  site.write("sub/deep/index.html", "x");
  CHECK(kept(site) ==
        std::vector<std::string>{
            "index.html", "sub/app.map", "sub/deep/index.html", "sub/drafts/kept.html"});
  ArtifactSet set;
  auto skipped = walk(site.path(), "", set, {})->skipped;
  std::sort(skipped.begin(), skipped.end());
  CHECK(skipped == std::vector<std::string>{site / ".deployflowignore",
                                            site / "app.map",
                                            site / "drafts",
                                            site / "sub/.deployflowignore",
                                            site / "sub/index.html"});
}

TEST_CASE("what is left out is no problem, whatever it is") {
  const Scratch site;
  site.write(".deployflowignore", "*.tmp\n");
  site.write("index.html", "x");
  fs::create_symlink("nowhere", site / "dead.tmp");
  REQUIRE(::mkfifo((site / "pipe.tmp").c_str(), 0600) == 0);
  site.write("bad\xFF.tmp", "x");
  CHECK(kept(site) == std::vector<std::string>{"index.html"});
}

TEST_CASE("a link to a folder is no folder to a pattern, as in git") {
  const Scratch site;
  site.write(".deployflowignore", "link/\n");
  site.write("real/a.html", "x");
  fs::create_directory_symlink("real", site / "link");
  CHECK(kept(site) == std::vector<std::string>{"link/a.html", "real/a.html"});
}

TEST_CASE("an ignore file that cannot be read stops the site: it would show what it hides") {
  const Scratch site;
  site.write("index.html", "x");
  SUBCASE("a FIFO") {
    REQUIRE(::mkfifo((site / ".deployflowignore").c_str(), 0600) == 0);
  }
  SUBCASE("a dead link") {
    fs::create_symlink("nowhere", site / ".deployflowignore");
  }
  SUBCASE("far too large") {
    site.write(".deployflowignore", std::string((1U << 20) + 1, 'x'));
  }
  ArtifactSet set;
  const auto walked = walk(site.path(), "", set, {});
  REQUIRE(walked.ok());
  REQUIRE(walked->problems.size() == 1);
  CHECK(walked->problems[0].path == site / ".deployflowignore");
  CHECK(walked->problems[0].code == "site/unreadable");
}

TEST_CASE("a folder of that name is left out and read by nobody") {
  const Scratch site;
  site.write("index.html", "x");
  site.write(".deployflowignore/index.html", "x");
  CHECK(kept(site) == std::vector<std::string>{"index.html"});
}
