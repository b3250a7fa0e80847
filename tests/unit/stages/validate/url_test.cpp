// Where an address leads. The tables are from https://url.spec.whatwg.org/ and what browsers do.

#include "stages/validate/url.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {
namespace {

// "docs/a.html", "docs/a.html#x", "^a.html" (above the root), or "elsewhere", "nowhere", ...
std::string shown(const Destination& to) {
  switch (to.where) {
    case Where::inside:
      return (to.above_root ? "^" : "") + to.path + (to.fragment.empty() ? "" : "#" + to.fragment);
    case Where::elsewhere:
      return "elsewhere";
    case Where::nowhere:
      return "nowhere";
    case Where::machine:
      return "machine";
    case Where::malformed:
      return "malformed";
  }
  return "";
}

struct Row {
  std::string_view url, expected;
};

TEST_CASE("relative addresses lead to keys") {
  const SiteAddress unknown;
  const UrlResolver resolver(unknown, "docs/guide/page.html");
  const std::vector<Row> rows{
      {"a.html", "docs/guide/a.html"},
      {"./a.html", "docs/guide/a.html"},
      {"../a.html", "docs/a.html"},
      {"../../a.html", "a.html"},
      {"../../../a.html", "^a.html"},
      {"../..", ""},
      {"..", "docs/"},
      {".", "docs/guide/"},
      {"./", "docs/guide/"},
      {"x/../a.html", "docs/guide/a.html"},
      {"x/./y/../a.html", "docs/guide/x/a.html"},
      {"/", ""},
      {"/a.html", "a.html"},
      {"/../a.html", "^a.html"},
      {"", "docs/guide/page.html"},
      {"#x", "docs/guide/page.html#x"},
      {"?q=1", "docs/guide/page.html"},
      {"?q=1#x", "docs/guide/page.html#x"},
      {"a.html?q=1/../../b", "docs/guide/a.html"},
      {"a.html#x?y", "docs/guide/a.html#x?y"},
      {"a.html#x:~:text=word", "docs/guide/a.html#x"},
      {"#:~:text=word", "docs/guide/page.html"},
      {"  a.html\n", "docs/guide/a.html"},
      {"a\t\n.html", "docs/guide/a.html"},
      {"a b.html", "docs/guide/a b.html"},
      {"a%20b.html", "docs/guide/a b.html"},
      {"%61.html", "docs/guide/a.html"},
      {"100%.html", "docs/guide/100%.html"},
      {"%zz.html", "docs/guide/%zz.html"},
      {"%", "docs/guide/%"},
      {"%4", "docs/guide/%4"},
      {"a%2Fb", "docs/guide/a/b"},
      {"a%3Fb%23c", "docs/guide/a?b#c"},
      {"gr%C3%BC\xC3\x9F.html", "docs/guide/gr\xC3\xBC\xC3\x9F.html"},
      {"%2e%2E/a.html", "docs/a.html"},
      {".%2e/%2e/a.html", "docs/a.html"},
      {"..\\a.html", "docs/a.html"},
      {"\\a.html", "a.html"},
      {"a//b.html", "docs/guide/a//b.html"},
      {"a+b.html", "docs/guide/a+b.html"},
      {"...", "docs/guide/..."},
      {"a:b.html", "nowhere"},
      {"./a:b.html", "docs/guide/a:b.html"},
      {"1a:b", "docs/guide/1a:b"},
      {":b", "docs/guide/:b"},
  };
  for (const Row& row : rows) {
    CHECK_MESSAGE(shown(resolver.resolve(row.url)) == row.expected, row.url);
  }
}

TEST_CASE("what is no address of the site is known as what it is") {
  const SiteAddress unknown;
  const UrlResolver resolver(unknown, "page.html");
  const std::vector<Row> rows{
      {"mailto:a@b.c", "nowhere"},
      {"JavaScript:void(0)", "nowhere"},
      {"java\nscript:void(0)", "nowhere"},
      {"data:text/plain,x", "nowhere"},
      {"tel:1", "nowhere"},
      {"blob:x", "nowhere"},
      {"about:blank", "nowhere"},
      {"ftp://a/b", "nowhere"},
      {"file:///home/a", "machine"},
      {"FILE:a", "machine"},
      {"https://example.com/a", "elsewhere"},
      {"HTTP://example.com", "elsewhere"},
      {"//example.com/a", "elsewhere"},
      {"\\\\example.com/a", "elsewhere"},
      {"https:/\\example.com/a", "elsewhere"},
      {"http:example.com", "elsewhere"},
      {"https:a.html", "a.html"},
      {"https://[::1]/", "elsewhere"},
      {"https://user:p@example.com:8080/", "elsewhere"},
      {"https://\xC3\xBC.example/", "elsewhere"},
      {"https://", "malformed"},
      {"https:///", "malformed"},
      {"//", "malformed"},
      {"https://a b/", "malformed"},
      {"https://a<b/", "malformed"},
      {"https://a%20b/", "malformed"},
      {"https://a:b/", "malformed"},
      {"https://a:65536/", "malformed"},
      {"https://a:99999999999999999999/", "malformed"},
      {"https://[::1", "malformed"},
      {"https://u@/", "malformed"},
      {"https://:80/", "malformed"},
  };
  for (const Row& row : rows) {
    CHECK_MESSAGE(shown(resolver.resolve(row.url)) == row.expected, row.url);
  }
}

TEST_CASE("absolute addresses of the site itself lead into it") {
  const auto address = parse_site_address("https://www.Example.com");
  REQUIRE(address);
  const UrlResolver resolver(*address, "blog/a.html");
  const std::vector<Row> rows{
      {"https://www.example.com", ""},
      {"https://www.example.com/", ""},
      {"http://www.example.com/x.html#y", "x.html#y"},
      {"//www.example.com/x.html", "x.html"},
      {"https://WWW.example.COM:443/x", "x"},
      {"http://www.example.com:80/x", "x"},
      {"https://www.example.com:444/x", "elsewhere"},
      {"https://example.com/x", "elsewhere"},
      {"https://www.example.com@evil.example/x", "elsewhere"},
      {"https://www.example.com?q", ""},
      {"https:x.html", "blog/x.html"},
      {"http:x.html", "elsewhere"},
  };
  for (const Row& row : rows) {
    CHECK_MESSAGE(shown(resolver.resolve(row.url)) == row.expected, row.url);
  }
}

TEST_CASE("a site below a path is that path, and the rest of its host is another site") {
  const auto address = parse_site_address("https://example.com/my%20docs/v1");
  REQUIRE(address);
  CHECK(address->prefix == "my docs/v1/");
  const UrlResolver resolver(*address, "a/b.html");
  const std::vector<Row> rows{
      {"c.html", "a/c.html"},
      {"../c.html", "c.html"},
      {"../..", "elsewhere"},
      {"../../v2/", "elsewhere"},
      {"../../../../x", "elsewhere"},
      {"/c.html", "elsewhere"},
      {"/my%20docs/v1/c.html", "c.html"},
      {"/my%20docs/v1", ""},
      {"/my%20docs/v11", "elsewhere"},
      {"https://example.com/my docs/v1/c.html", "c.html"},
      {"https://example.com/", "elsewhere"},
  };
  for (const Row& row : rows) {
    CHECK_MESSAGE(shown(resolver.resolve(row.url)) == row.expected, row.url);
  }
}

TEST_CASE("an address of a site is an absolute one of http or https") {
  for (const std::string_view url :
       {"", "example.com", "/docs", "ftp://example.com", "https://", "mailto:a"}) {
    CHECK_MESSAGE(!parse_site_address(url), url);
  }
  CHECK(parse_site_address("http://localhost:8080")->host == "localhost:8080");
  CHECK(parse_site_address("http://localhost:8080")->scheme == "http");
}

TEST_CASE("a base moves all addresses, and one that is none moves nothing") {
  const SiteAddress unknown;
  const auto resolved = [&](std::string_view base, std::string_view url) {
    UrlResolver resolver(unknown, "a/b/c.html");
    resolver.set_base(base);
    return shown(resolver.resolve(url));
  };
  CHECK(resolved("/", "x.html") == "x.html");
  CHECK(resolved("/x/y.html", "z.html") == "x/z.html");
  CHECK(resolved("../", "x.html") == "a/x.html");
  CHECK(resolved("..", "x.html") == "a/x.html");
  CHECK(resolved("https://example.com/", "x.html") == "elsewhere");
  CHECK(resolved("https://example.com/", "#x") == "elsewhere");
  CHECK(resolved("data:,x", "x.html") == "a/b/x.html");
  CHECK(resolved("https://", "x.html") == "a/b/x.html");
  CHECK(resolved("", "x.html") == "a/b/x.html");
  CHECK(resolved("/x/", "#y") == "x/#y");
}

}  // namespace
}  // namespace deployflow::validate
