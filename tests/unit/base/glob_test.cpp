#include "plugins/host/base/glob.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

using deployflow::Errc;
using deployflow::Glob;

namespace {

bool glob_matches(std::string_view pattern, std::string_view key) {
  const auto glob = Glob::compile(pattern);
  REQUIRE(glob.ok());
  return glob->matches(key);
}

// The definition, written down the slow way: what the fast one must agree with.
bool matches_by_definition(std::string_view p, std::string_view k, bool at_segment = true) {
  if (p.empty()) {
    return k.empty();
  }
  if (p.starts_with("**/") && at_segment) {
    if (matches_by_definition(p.substr(3), k, true)) {
      return true;
    }
    for (std::size_t i = 0; i < k.size(); ++i) {
      if (k[i] == '/' && matches_by_definition(p.substr(3), k.substr(i + 1), true)) {
        return true;
      }
    }
    return false;
  }
  if (p.starts_with("**")) {
    for (std::size_t i = 0; i <= k.size(); ++i) {
      if (matches_by_definition(p.substr(2), k.substr(i), i > 0 ? k[i - 1] == '/' : at_segment)) {
        return true;
      }
    }
    return false;
  }
  if (p.front() == '*') {
    for (std::size_t i = 0; i <= k.size(); ++i) {
      if (matches_by_definition(p.substr(1), k.substr(i), i > 0 ? false : at_segment)) {
        return true;
      }
      if (i < k.size() && k[i] == '/') {
        return false;
      }
    }
    return false;
  }
  if (k.empty() || (p.front() != k.front() && (p.front() != '?' || k.front() == '/'))) {
    return false;
  }
  return matches_by_definition(p.substr(1), k.substr(1), k.front() == '/');
}

}  // namespace

TEST_CASE("a star stays within a segment, two cross segments, a question mark is one character") {
  CHECK(glob_matches("*.html", "index.html"));
  CHECK_FALSE(glob_matches("*.html", "blog/index.html"));
  CHECK(glob_matches("**/*.html", "blog/2026/index.html"));
  CHECK(glob_matches("**/*.html", "index.html"));
  CHECK(glob_matches("img/**", "img/a/b.png"));
  CHECK_FALSE(glob_matches("img/**", "images/a.png"));
  CHECK(glob_matches("a?c", "abc"));
  CHECK_FALSE(glob_matches("a?c", "a/c"));
  CHECK(glob_matches("**", "anything/at/all"));
  CHECK_FALSE(glob_matches("", "x"));
}

TEST_CASE("the match agrees with its definition on random patterns and keys") {
  std::mt19937 random(20261121);
  const auto pick = [&](std::string_view alphabet, std::size_t most) {
    std::string out;
    const std::size_t length = random() % (most + 1);
    for (std::size_t i = 0; i < length; ++i) {
      out += alphabet[random() % alphabet.size()];
    }
    return out;
  };
  for (int i = 0; i < 200'000; ++i) {
    std::string pattern = pick("ab/*?", 7);
    if (pattern.find("***") != std::string::npos) {
      continue;  // not defined
    }
    const std::string key = pick("ab/", 8);
    INFO(pattern << " on " << key);
    REQUIRE(glob_matches(pattern, key) == matches_by_definition(pattern, key));
  }
}

TEST_CASE("a list means each of its entries, which may be patterns and lists") {
  for (const char* key : {"a.js", "a.css", "b/c.mjs", "b/c.map.js"}) {
    INFO(key);
    CHECK(glob_matches("**/*.{js,css,{m,c}js}", key));
  }
  for (const char* key : {"a.ts", "a.xjs", "a.", "js"}) {
    INFO(key);
    CHECK_FALSE(glob_matches("**/*.{js,css,{m,c}js}", key));
  }
  CHECK(glob_matches("index{,.en}.html", "index.html"));
  CHECK(glob_matches("index{,.en}.html", "index.en.html"));
  CHECK(glob_matches("{a/**,b}/x", "a/b/c/x"));
  CHECK(glob_matches("{img,fonts}/{**/,}x", "img/a/x"));
  CHECK(glob_matches("a,b}", "a,b}"));  // outside of a list they are themselves
}

TEST_CASE("a backslash makes of a character itself") {
  CHECK(glob_matches(R"(\*.html)", "*.html"));
  CHECK_FALSE(glob_matches(R"(\*.html)", "a.html"));
  CHECK(glob_matches(R"(a\{b,c\})", "a{b,c}"));
  CHECK(glob_matches(R"({\,,\}})", ","));
  CHECK(glob_matches(R"({\,,\}})", "}"));
  CHECK(glob_matches(R"(a\\b)", R"(a\b)"));
}

TEST_CASE("a pattern that cannot be read, or in too many ways, is refused") {
  std::string wide;
  for (int i = 0; i < 12; ++i) {
    wide += "{a,b}";
  }
  const std::vector<std::string> refused{"{a",
                                         "{a,{b}",
                                         "a\\",
                                         "{a\\",
                                         std::string(40, '{') + "a" + std::string(40, '}'),
                                         wide,
                                         std::string(5000, 'a')};
  for (const std::string& bad : refused) {
    INFO(bad);
    const auto glob = Glob::compile(bad);
    REQUIRE_FALSE(glob.ok());
    CHECK(glob.error().code == Errc::config);
    CHECK(glob.error().message.size() < 80);
  }
}

TEST_CASE("a hostile pattern on a hostile key takes no time that anyone would see") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) {
    pattern += "**a";
  }
  CHECK_FALSE(glob_matches(pattern + "b", std::string(1024, 'a')));
}
