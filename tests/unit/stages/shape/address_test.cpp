#include "stages/shape/address.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::shape {
namespace {

using Keys = std::vector<std::string>;

TEST_CASE("pages lose their suffix or become folders, but not those that servers know by name") {
  const auto keys = [](Pages pages) {
    Keys out;
    for (const char* key : {"about.html",
                            "a/b.c.html",
                            "index.html",
                            "a/index.html",
                            "404.html",
                            "de/404.html",
                            "oops.html",
                            "a/.html",
                            "a.htm",
                            "a.HTML",
                            "html",
                            "a.css"}) {
      out.push_back(page_key(key, pages, "oops.html"));
    }
    return out;
  };
  const Keys same{"index.html",
                  "a/index.html",
                  "404.html",
                  "de/404.html",
                  "oops.html",
                  "a/.html",
                  "a.htm",
                  "a.HTML",
                  "html",
                  "a.css"};
  const auto with = [&](Keys first) {
    first.insert(first.end(), same.begin(), same.end());
    return first;
  };
  CHECK(keys(Pages::keep) == with({"about.html", "a/b.c.html"}));
  CHECK(keys(Pages::extensionless) == with({"about", "a/b.c"}));
  CHECK(keys(Pages::folders) == with({"about/index.html", "a/b.c/index.html"}));
}

TEST_CASE("a folder's page has two more names, that of the root none") {
  CHECK(folder_keys("blog/index.html") == Keys{"blog/", "blog"});
  CHECK(folder_keys("a/b/index.html") == Keys{"a/b/", "a/b"});
  CHECK(folder_keys("index.html") == Keys{});
  CHECK(folder_keys("a/myindex.html") == Keys{});
  CHECK(folder_keys("a/b.html") == Keys{});
}

TEST_CASE("a path is decoded to its key, and a folder means its index.html") {
  CHECK(key_of_path("/old.html") == "old.html");
  CHECK(key_of_path("/") == "index.html");
  CHECK(key_of_path("/a/") == "a/index.html");
  CHECK(key_of_path("/caf%C3%A9%20x+y%2fz") == "caf\xC3\xA9 x+y/z");
  CHECK(key_of_path("/%F0%9F%98%80") == "\xF0\x9F\x98\x80");
}

TEST_CASE("a path that no file can have has no key") {
  for (const char* path : {"/%",
                           "/%4",
                           "/%4g",
                           "/a/../b",
                           "/%2e%2E/b",
                           "/./a",
                           "/%00",
                           "/%0A",
                           "/%ff",
                           "/%C3",
                           "/%C0%80",
                           "/%ED%A0%80",
                           "/%F4%90%80%80",
                           "/%E2%28%A1",
                           "//a"}) {
    CAPTURE(path);
    CHECK_FALSE(key_of_path(path).has_value());
  }
  CHECK(key_of_path("/" + std::string(1024, 'a')).has_value());
  CHECK_FALSE(key_of_path("/" + std::string(1025, 'a')).has_value());
}

TEST_CASE("nothing in an address ends the attribute that it stands in") {
  const std::string page = redirect_page("/a?b=\"><script>&c='");
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("content=\"0; url=/a?b=&quot;&gt;&lt;script&gt;&amp;c='\"") != std::string::npos);
}

}  // namespace
}  // namespace deployflow::shape
