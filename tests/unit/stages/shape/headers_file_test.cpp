#include "stages/shape/headers_file.hpp"

#include "plugins/host/base/glob.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::shape {
namespace {

using Lines = std::vector<std::string>;

/// "line: path", then "  line: name: value".
Lines blocks(std::string_view text) {
  Lines out;
  for (const HeaderBlock& block : parse_headers(text).blocks) {
    out.push_back(std::to_string(block.line) + ": " + block.path);
    for (const HeaderLine& header : block.headers) {
      out.push_back("  " + std::to_string(header.line) + ": " + header.name + ": " + header.value);
    }
  }
  return out;
}

Lines problems(std::string_view text) {
  Lines out;
  for (const LineProblem& p : parse_headers(text).problems) {
    const std::string line = std::to_string(p.line);
    out.push_back((p.is_error ? line : "(" + line + ")") + ": " + p.message);
  }
  return out;
}

/// Does the path mean the key, by the host's own patterns?
bool means(const std::string& path, const std::string& key) {
  const auto file = parse_headers(path + "\n  A: b\n");
  REQUIRE(file.blocks.size() == 1);
  const auto glob = Glob::compile(file.blocks[0].glob);
  REQUIRE(glob.ok());
  return glob.value().matches(key);
}

TEST_CASE("blocks are read with comments, blanks, any line ends and a byte order mark") {
  const std::string text =
      "\xEF\xBB\xBF# all\r\n"
      "/*\r\n"
      "  Cache-Control:no-cache\r\n"
      "\n"
      "  # more\n"
      "\tX-Robots-Tag : noindex # not a comment\r"
      "/a/:b/c.css\n"
      "Content-Type: text/css; charset=utf-8";
  CHECK(blocks(text) == Lines{"2: /*",
                              "  3: cache-control: no-cache",
                              "  6: x-robots-tag: noindex # not a comment",
                              "7: /a/:b/c.css",
                              "  8: content-type: text/css; charset=utf-8"});
  CHECK(problems(text) == Lines{});
  CHECK(blocks("") == Lines{});
}

TEST_CASE("a name that is given twice in a block has both values; blocks stay apart") {
  CHECK(blocks("/a\n Link: <x>\n B: 1\n link: <y>\n LINK: <z>\n/a\n B: 2\n") ==
        Lines{"1: /a", "  2: link: <x>, <y>, <z>", "  3: b: 1", "6: /a", "  7: b: 2"});
}

TEST_CASE("what is no path and no header is an error of its line") {
  const std::string header = "expected a path or a header";
  CHECK(problems("A: b") == Lines{"1: a header stands before the first path"});
  CHECK(problems("/a\n what is this\n A: b") == Lines{"2: " + header});
  CHECK(problems("/a\n : b\n A: b") == Lines{"2: " + header});
  CHECK(problems("/a\n a b: c\n A: b") == Lines{"2: " + header});
  CHECK(problems("/a\n A:\n B: b") == Lines{"2: \"A\" has no value"});
  CHECK(problems("/a\n A: \xC3\xA9\n B: b") ==
        Lines{"2: \"A\": the value has characters other than printable ASCII"});
  CHECK(problems(std::string_view("/a\n A: b\0c\n B: b", 16)) ==
        Lines{"2: \"A\": the value has characters other than printable ASCII"});
  CHECK(problems("/a\n Basic-Auth: me:hunter2\n B: b") ==
        Lines{"2: Basic-Auth is not possible on a plain bucket: it asks nobody for a password"});
}

TEST_CASE("a path that is refused takes its headers with it, and nothing more is said of them") {
  for (const char* path : {"https://example.org/*", "http://a", "//a", "/a b", "/caf\xC3\xA9"}) {
    CAPTURE(path);
    const std::string text = std::string(path) + "\n  A: b\n  what\n/ok\n  C: d\n";
    CHECK(blocks(text) == Lines{"4: /ok", "  5: c: d"});
    CHECK(problems(text).size() == 1);
  }
  CHECK(problems("/" + std::string(1024, 'a')) ==
        Lines{"1: a path of more than 1,024 characters names no file"});
}

TEST_CASE("a path without headers is a warning, unless those that it had were refused") {
  CHECK(problems("/a\n/b\n A: b\n/c") ==
        Lines{"(1): \"/a\" has no headers", "(4): \"/c\" has no headers"});
  CHECK(problems("/a\n what\n/b\n A: b").size() == 1);
}

TEST_CASE("a path means the keys that its pattern means to the host") {
  CHECK(means("/*", "a"));
  CHECK(means("/*", "a/b/c.html"));
  CHECK(means("/", "index.html"));
  CHECK_FALSE(means("/", "a/index.html"));
  CHECK(means("/blog/", "blog/index.html"));
  CHECK_FALSE(means("/blog/", "blog/a.html"));
  CHECK(means("/*/", "a/b/index.html"));
  CHECK(means("/assets/*", "assets/a/b.js"));
  CHECK_FALSE(means("/assets/*", "other/a.js"));
  CHECK(means("/*.js", "a/b.js"));
  CHECK(means("/a/**", "a/b/c"));
  CHECK(means("/:lang/a.css", "de/a.css"));
  CHECK_FALSE(means("/:lang/a.css", "de/x/a.css"));
  CHECK(means("/a/:file", "a/x.css"));
  CHECK(means("/a:b", "a:b"));
  CHECK_FALSE(means("/a:b", "axb"));
  CHECK(means("/a/:/b", "a/:/b"));
  CHECK_FALSE(means("/a/:/b", "a/x/b"));
  CHECK(parse_headers("/a/**\n A: b").blocks[0].glob == "a/**");
  CHECK(means("/a?b{c,d}\\e[f]!", "a?b{c,d}\\e[f]!"));
  CHECK_FALSE(means("/a?", "ab"));
  CHECK_FALSE(means("/{a,b}", "a"));
  CHECK(means("/!a", "!a"));
  CHECK(parse_headers("/!a\n A: b").blocks[0].glob == "\\!a");  // no pattern that takes away
}

TEST_CASE("stores keep six headers and metadata") {
  CHECK(is_kept_by_stores("cache-control"));
  CHECK(is_kept_by_stores("expires"));
  CHECK(is_kept_by_stores("x-amz-meta-a"));
  CHECK_FALSE(is_kept_by_stores("x-frame-options"));
  CHECK_FALSE(is_kept_by_stores("content-security-policy"));
  CHECK_FALSE(is_kept_by_stores("content-length"));
}

}  // namespace
}  // namespace deployflow::shape
