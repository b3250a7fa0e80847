// Pages made to take the process down: each is judged in bounded time, memory and stack.

#include "stages/validate/gumbo_page.hpp"
#include "stages/validate/page.hpp"
#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>
#include <pthread.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::validate {
namespace {

// Sanitized code is some times slower, and only part of the time is gumbo's, which is not
// sanitized; that time does not grow faster than the page shows in a smaller page as well.
#ifdef DEPLOYFLOW_SANITIZED
constexpr std::size_t k_size = std::size_t{1} << 20U;
constexpr int k_many = 5'000;
constexpr int k_neighbours = 100;
constexpr double k_most_seconds = 10;
#else
constexpr std::size_t k_size = std::size_t{4} << 20U;  // the default of max_html_size
constexpr int k_many = 100'000;
constexpr int k_neighbours = 5000;
constexpr double k_most_seconds = 2;  // 1.0 measured; the rest is for slower machines
#endif
constexpr std::string_view k_head = "<!doctype html><title>x</title>";

std::string repeated(std::string_view unit, std::size_t bytes = k_size) {
  std::string out;
  out.reserve(bytes + unit.size());
  while (out.size() < bytes) {
    out += unit;
  }
  return out;
}

std::string numbered(std::string_view before, int count, std::string_view after) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += std::string(before) + std::to_string(i) + std::string(after);
  }
  return out;
}

double cpu_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

bool has_code(const std::vector<Finding>& findings, std::string_view code) {
  return std::ranges::any_of(findings, [code](const Finding& f) { return f.code == code; });
}

void check_bounded(std::string_view name, const std::string& body) {
  const double begin = cpu_seconds();
  check_page(std::string(k_head) + body, {});
  const double seconds = cpu_seconds() - begin;
  CHECK_MESSAGE(seconds < k_most_seconds, name << " took " << seconds << " s");
}

TEST_CASE("a small unit repeated over 4 MiB is judged within a second or two") {
  for (const std::string_view unit : {"<div>",
                                      "<table><tr><td>",
                                      "<svg><desc>",
                                      "<a><b>",
                                      "<p>",
                                      "<b>",
                                      "<",
                                      "<x>",
                                      "</",
                                      "</p>",
                                      "</b>",
                                      "<br>",
                                      "</br>",
                                      "<a></a>",
                                      "<p><b></p>",
                                      "<b><i><u><s></b></i></u></s>",
                                      "<b><div></b></div>",
                                      "<i><b><div></i></b>",
                                      "<li><b>x",
                                      "&",
                                      "&amp",
                                      "&NotNested",
                                      "<!---->",
                                      "<!--",
                                      "<!x>",
                                      "<?x>",
                                      "<![CDATA[",
                                      "<template>",
                                      "<form>",
                                      "<button>",
                                      "<h1>",
                                      "<ruby><rt>",
                                      "<body a=1>",
                                      "</body>x",
                                      "\n</i>",
                                      "\r",
                                      "<div/></div>",
                                      "<input>",
                                      "<select><option>",
                                      "<table><caption>",
                                      "<frameset>",
                                      "<plaintext>",
                                      "<textarea>",
                                      "<script></script>",
                                      "\xC3",
                                      "<svg><style><div></style></svg>",
                                      "<math><mi>",
                                      "<a href=x>",
                                      "x<tr>",
                                      "<isindex>",
                                      "<img>",
                                      "<img usemap=#x>",
                                      "<img src=x width=1 height=2>",
                                      "<a href=mailto:x>",
                                      "<select><svg><g/>",
                                      "<meta http-equiv=refresh>"}) {
    check_bounded(unit, repeated(unit));
    check_bounded(std::string(unit) + " in a table", "<table>" + repeated(unit, k_size / 4));
    check_bounded(std::string(unit) + " in 500 spans",
                  repeated("<span>", 3000) + repeated(unit, k_size / 4));
  }
}

TEST_CASE("one attribute of 4 MiB is judged within a second or two") {
  check_bounded("bad descriptors", "<img srcset='" + repeated("a 3y, ") + "'>");
  check_bounded("descriptors of one address", "<img srcset='a " + repeated("1w ") + "'>");
  check_bounded("addresses of mail", "<a href='mailto:" + repeated("a@b,") + "'>");
  check_bounded("signs of mail", "<a href='mailto:" + repeated("@") + "'>");
  check_bounded("a refresh of spaces", "<meta http-equiv=refresh content='" + repeated(" ") + "'>");
}

TEST_CASE("formatting elements that a browser would rebuild without end are cut off") {
  check_bounded("rebuilt", "<p>" + numbered("<b a=", 500, ">") + repeated("<p>x"));
  check_bounded("rebuilt font", numbered("<font a=", 480, ">") + repeated("</p><p>x"));
  check_bounded("growing", numbered("<p><b a=", 200'000, "></p>"));
  check_bounded("same", repeated("<p><b a b c d e f></p>"));
  check_bounded("marker", repeated("<a><marquee>", k_size / 2));
  const std::string attributes = numbered(" a", 990, "");
  check_bounded("Noah's ark", repeated("<b" + attributes + "></b>"));
  check_bounded("attributes", repeated("<p" + attributes + ">"));
  check_bounded("merged", "<html" + attributes + ">" + repeated("<html" + attributes + ">"));
}

TEST_CASE("too deep, too many attributes and too many tags are named with their place") {
  const auto findings = check_page(std::string(k_head) + repeated("<div>", 500'000), {});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "html/too-complex");
  CHECK(findings[0].column == 31 + 1 + 512 * 5);
  CHECK(has_code(check_page(std::string(k_head) + "<p" + numbered(" a", 100'000, "") + ">", {}),
                 "html/too-complex"));
}

TEST_CASE("gumbo itself is stopped by memory, by time and by stack") {
  const auto parses = [](const std::string& text, ParseBudget budget) {
    GumboPage page;
    return page.parse(text, budget);
  };
  const ParseBudget plenty = budget_for(k_size);
  CHECK(parses(repeated("<p>x", 1000), plenty));
  ParseBudget budget = plenty;
  budget.memory_bytes = 100'000;
  CHECK_FALSE(parses(repeated("<p>x"), budget));
  budget = plenty;
  budget.cpu = std::chrono::milliseconds{50};
  CHECK_FALSE(parses(repeated("<div>"), budget));
  // A frameset drops the body, recursively: without the wall this overflows any stack.
  const std::string deep = repeated("<x>", 300'000) + "<frameset>";
  CHECK_FALSE(parses(deep, plenty));
}

TEST_CASE("a thread with a stack of 256 KiB can check any page") {
  const std::vector<std::string> pages{repeated("<x>", 1530) + "<frameset>",
                                       repeated("<div>", 2560),
                                       repeated("<b>", 1500),
                                       repeated("<x>", 100'000) + "<frameset>"};
  auto work = [&pages] {
    for (const std::string& page : pages) {
      check_page(std::string(k_head) + page, {});
      GumboPage parsed;  // without the outline in front
      parsed.parse(page, budget_for(page.size()));
    }
  };
  std::function<void()> job = work;
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, std::size_t{256} << 10U) == 0);
  pthread_t thread{};
  const auto entry = [](void* user) -> void* {
    (*static_cast<std::function<void()>*>(user))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, entry, &job) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST_CASE("every prefix of a page with all kinds of markup is judged") {
  const std::string page =
      "\xEF\xBB\xBF<?xml?><!DOCTYPE html><!-- a -- b --><html a='1' b=\"2\" c=3 "
      "d><head><title>&amp;</title>"
      "<script><!-- <script> </script> --></script></head><body><svg><![CDATA[x]]><desc/></svg>"
      "<table>t<tr><td><b><i></b></i></table><p>\xC3\xA4&#x41;</p></p></body></html>";
  for (std::size_t size = 0; size <= page.size(); ++size) {
    check_page(std::string_view(page).substr(0, size), {});
  }
  CHECK(check_page(page, {}).size() > 2);
}

// All that the stage does with a site, but for reading the files.
void check_site_bounded(std::string_view name, std::map<std::string, std::string> contents) {
  const CheckedSite site(std::move(contents));
  const double begin = cpu_seconds();
  const auto findings = site.findings();
  const double seconds = cpu_seconds() - begin;
  CHECK_MESSAGE(seconds < k_most_seconds, name << " took " << seconds << " s");
  CHECK_MESSAGE(!findings.empty(), name);
}

TEST_CASE("a hundred thousand references in one file are judged within a second or two") {
  const std::string head(k_head);
  check_site_bounded("all broken", {{"a.html", head + numbered("<a href=gone", k_many, ">x</a>")}});
  std::map<std::string, std::string> neighbours{
      {"a.html", head + numbered("<a href=pagge", k_many, ".html>x</a>")}};
  for (int i = 0; i < k_neighbours; ++i) {
    neighbours["page" + std::to_string(i) + ".png"] = "";
  }
  check_site_bounded("all with a name like those of many files", std::move(neighbours));
  check_site_bounded("fragments",
                     {{"a.html",
                       head + numbered("<p id=i", k_many / 2, ">") +
                           numbered("<a href=#j", k_many / 2, ">x</a>")}});
  check_site_bounded("bases",
                     {{"a.html",
                       head + numbered("<base href=/", k_many / 2, "/>") +
                           numbered("<a href=x", k_many / 2, ">x</a>")}});
  check_site_bounded("one long address",
                     {{"a.html", head + "<a href='" + repeated("../a/", k_size / 2) + "'>x</a>"}});
  check_site_bounded("a style sheet", {{"a.css", numbered("a{b:url(x", 4 * k_many, ")}")}});
  check_site_bounded(
      "a style element",
      {{"a.html", head + "<style>" + numbered("a{b:url(x", 2 * k_many, ")}\n") + "</style>"}});
  check_site_bounded("redirects",
                     {{"_redirects", numbered("/a/:b/c", k_many, "/* /x\n")},
                      {"a.html", head + numbered("<a href=/a/b/d", k_many / 2, "/e>x</a>")}});
}

}  // namespace
}  // namespace deployflow::validate
