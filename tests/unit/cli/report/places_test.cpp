#include "cli/report/places.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>

namespace deployflow::cli {
namespace {

Environment with(const std::map<std::string, std::string, std::less<>>& variables) {
  return [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

std::string path(const Places& places, std::string file, std::string key = {}) {
  run::Finding finding;
  finding.file = std::move(file);
  finding.key = std::move(key);
  return places.path_of(finding, "site/");
}

TEST_CASE("a path is relative to the working folder") {
  const Places places("/home/project", with({}));
  CHECK(path(places, "site/a.html") == "site/a.html");
  CHECK(path(places, "./site//b/../a.html") == "site/a.html");
  CHECK(path(places, "/home/project/site/a.html") == "site/a.html");
  CHECK(path(places, "../other/a.html") == "/home/other/a.html");
  CHECK(path(places, "/home/project2/a.html") == "/home/project2/a.html");
  CHECK(path(places, "..a.html") == "..a.html");
  CHECK(path(places, "", "k.html") == "k.html");
  CHECK(path(places, "") == "site");
}

TEST_CASE("a path is relative to the repository, if we are in it") {
  const Places github("/home/repo/docs", with({{"GITHUB_WORKSPACE", "/home/repo"}}));
  CHECK(path(github, "site/a.html") == "docs/site/a.html");
  CHECK(path(github, "../a.html") == "a.html");
  const Places gitlab("/home/repo/docs", with({{"CI_PROJECT_DIR", "/home/repo/"}}));
  CHECK(path(gitlab, "site/a.html") == "docs/site/a.html");
  const Places elsewhere("/tmp/x", with({{"GITHUB_WORKSPACE", "/home/repo"}}));
  CHECK(path(elsewhere, "site/a.html") == "site/a.html");
}

TEST_CASE("a path as a URI") {
  CHECK(uri_of("site/a b/\xC3\xA9#?%.html") == "site/a%20b/%C3%A9%23%3F%25.html");
  CHECK(uri_of("/tmp/a.html") == "file:///tmp/a.html");
  CHECK(uri_of("a:b/c.html") == "./a:b/c.html");
  CHECK(uri_of("a/b:c.html") == "a/b:c.html");
  CHECK(uri_of("\xFF\n") == "%FF%0A");
}

}  // namespace
}  // namespace deployflow::cli
