// Links that lead out of the site: which are asked, in which order, and what is said about the
// answers.

#include "stages/validate/external_cache.hpp"
#include "stages/validate/external_check.hpp"
#include "stages/validate/external_rules.hpp"
#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::validate {
namespace {

using Lines = std::vector<std::string>;

struct Row {
  std::string_view url, expected;
};

TEST_CASE("an address outside of the site is asked as it is written") {
  const SiteAddress here = *parse_site_address("https://e.com/docs/");
  const UrlResolver resolver(here, "guide/a b.html");
  for (const auto& [url, expected] :
       std::vector<Row>{{"https://f.com/a?b=1#c", "https://f.com/a?b=1"},
                        {"HTTP://F.COM:80", "http://f.com/"},
                        {"http://f.com:8080/%41/../b", "http://f.com:8080/%41/../b"},
                        {" https://f.com/a\n b ", "https://f.com/a b"},
                        {"https:\\\\f.com\\a?b\\c", "https://f.com/a?b\\c"},
                        {"//f.com/a", "https://f.com/a"},
                        {"http://name:pass@f.com/", "http://f.com/"},
                        {"http://f.com?q", "http://f.com/?q"},
                        {"/other/x?y", "https://e.com/other/x?y"},
                        {"mailto:a@f.com", ""},
                        {"http://", ""},
                        {"file:///etc/passwd", ""}}) {
    const std::string_view shown = url;
    CAPTURE(shown);
    CHECK(resolver.web_address(url) == expected);
  }
  UrlResolver based(here, "a.html");
  based.set_base("https://f.com/a%20b/%C3%A4.html?q");
  CHECK(based.web_address("c d") == "https://f.com/a%20b/c d");
  CHECK(based.web_address("?x") == "https://f.com/a%20b/%C3%A4.html?x");
}

TEST_CASE("patterns mean hosts, and the begins of paths") {
  const auto fits = [](std::string_view pattern, std::string_view url) {
    const auto parsed = UrlPattern::parse(pattern);
    REQUIRE(parsed);
    return parsed->matches(url);
  };
  for (const auto& [pattern, url] :
       std::vector<Row>{{"example.com", "https://example.com/a"},
                        {"Example.com/", "http://example.com:8080/"},
                        {"https://example.com", "https://example.com/a?b"},
                        {"*.example.com", "https://a.b.example.com/"},
                        {"*example.com", "https://example.com/"},
                        {"example.com:8080", "http://example.com:8080/"},
                        {"example.com/docs/", "https://example.com/docs/a"},
                        {"example.com/*/edit", "https://example.com/a/b/edit?x"},
                        {"[::1]", "http://[::1]:80/"},
                        {"*", "https://example.com/"}}) {
    const std::string_view shown = pattern;
    CAPTURE(shown);
    CHECK(fits(pattern, url));
  }
  for (const auto& [pattern, url] :
       std::vector<Row>{{"example.com", "https://example.com.evil.org/"},
                        {"example.com", "https://www.example.com/"},
                        {"example.com", "https://evil.org/example.com"},
                        {"http://example.com", "https://example.com/"},
                        {"*.example.com", "https://example.com/"},
                        {"example.com:8080", "http://example.com/"},
                        {"example.com/docs/", "https://example.com/doc"}}) {
    const std::string_view shown = pattern;
    CAPTURE(shown);
    CHECK_FALSE(fits(pattern, url));
  }
  for (const char* text : {"", "/docs/", "ftp://example.com", "two words"}) {
    CHECK_FALSE(UrlPattern::parse(text));
  }
  // Many stars against a long text: no power of its length.
  CHECK_FALSE(fits("*a*a*a*a*a*a*a*a*a*a*a*b", "http://" + std::string(20'000, 'a') + "/"));
}

TEST_CASE("a list of statuses has numbers and ranges") {
  StatusList list;
  CHECK(list.add("200-299"));
  CHECK(list.add("404"));
  for (const char* text : {"", "20", "1000", "299-200", "2xx", "200-", "-200", "200-299-300"}) {
    CAPTURE(text);
    CHECK_FALSE(list.add(text));
  }
  for (const int status : {200, 299, 404}) {
    CHECK(list.has(status));
  }
  for (const int status : {199, 300, 403, 405}) {
    CHECK_FALSE(list.has(status));
  }
}

Settings asking() {
  Settings settings;
  settings.external.is_on = true;
  settings.external.accepted.add("200-299");
  settings.external.accepted.add("403");
  return settings;
}

Lines urls_of(const std::map<std::string, std::string>& files, const Settings& settings) {
  Lines out;
  const CheckedSite site(files, settings);
  SiteFacts facts(site.files().size());
  for (std::size_t i = 0; i < site.files().size(); ++i) {
    facts.set(i, site.facts_of(site.files()[i].key));
  }
  for (const ExternalLink& link : find_external(facts, settings.external)) {
    out.push_back(std::string(link.url) + " " + std::to_string(link.places.size()) + "/" +
                  std::to_string(link.count));
  }
  return out;
}

TEST_CASE("each address is asked once, whatever leads there; what only says where it is, is not") {
  const std::map<std::string, std::string> files{
      {"a.html",
       page("<a href=https://f.com/#x>x</a><a href=https://f.com/#y>y</a><img src=//f.com/a.png "
            "alt>",
            "<link rel=canonical href=https://me.com/a><meta property=og:url "
            "content=https://me.com/>"
            "<link rel=preconnect href=https://cdn.com>")},
      {"b.html", page("<a href=https://f.com/>x</a><script src=https://cdn.com/a.js></script>")},
      {"c.css", "a{background:url(http://g.com/b.png)}"}};
  CHECK(urls_of(files, asking()) == Lines{"https://f.com/ 3/2",
                                          "https://f.com/a.png 1/1",
                                          "https://cdn.com/a.js 1/1",
                                          "http://g.com/b.png 1/1"});
  CHECK(urls_of(files, {}).empty());
}

TEST_CASE("allowed, denied and ignored addresses") {
  const std::map<std::string, std::string> files{
      {"a.html", page("<a href=https://f.com/a>x</a><a href=https://g.com/>x</a>")},
      {"b.html", page("<a href=https://h.com/>x</a><!-- deployflow-ignore link/external -->")}};
  Settings settings = asking();
  CHECK(urls_of(files, settings) == Lines{"https://f.com/a 1/1", "https://g.com/ 1/1"});
  settings.external.deny = {*UrlPattern::parse("g.com")};
  CHECK(urls_of(files, settings) == Lines{"https://f.com/a 1/1"});
  settings.external.allow = {*UrlPattern::parse("g.com"), *UrlPattern::parse("f.com/b")};
  CHECK(urls_of(files, settings).empty());
}

TEST_CASE("an outside address is never taken for a file of the site") {
  const CheckedSite site({{"a.html", page("<a href=https://f.com/gone.html>x</a>")},
                          {"_redirects", "https://f.com/x /a.html\n/y https://f.com/z\n"}},
                         asking());
  CHECK(site.findings().empty());
}

// Asks all, with an answer for "GET https://f.com/"; else 200.
Lines questions(const std::vector<std::string_view>& urls,
                const std::map<std::string, WebAnswer>& web,
                ExternalCheck& check) {
  Lines out;
  ExternalCheck::Question question;
  while (check.next(question) == ExternalCheck::Next::ask) {
    const bool is_head = question.method == ExternalCheck::Method::head;
    const std::string asked = (is_head ? "HEAD " : "GET ") + std::string(urls.at(question.link));
    out.push_back(asked);
    const auto known = web.find(asked);
    check.take(question, known != web.end() ? known->second : WebAnswer{.status = 200});
  }
  return out;
}

TEST_CASE("what HEAD is refused GET decides, and no more is asked than that") {
  const std::vector<std::string_view> urls{
      "http://a/", "http://b/", "http://c/", "http://d/", "http://e/", "http://f/"};
  ExternalCheck check(urls, {false, false, false, false, false, true});
  CHECK(questions(urls,
                  {{"HEAD http://b/", {.status = 405}},
                   {"HEAD http://c/", {.status = 404}},
                   {"GET http://c/", {.status = 410}},
                   {"HEAD http://d/", {.trouble = WebTrouble::closed}},
                   {"HEAD http://e/", {.status = 429}}},
                  check) == Lines{"HEAD http://a/",
                                  "HEAD http://b/",
                                  "GET http://b/",
                                  "HEAD http://c/",
                                  "GET http://c/",
                                  "HEAD http://d/",
                                  "GET http://d/",
                                  "HEAD http://e/"});
  const auto& answers = check.answers();
  CHECK(answers[1]->status == 200);
  CHECK(answers[2]->status == 410);
  CHECK(answers[3]->status == 200);
  CHECK(answers[4]->status == 429);
  CHECK_FALSE(answers[5]);
  CHECK(check.asked() == 5);
  CHECK(check.answered() == 5);
}

TEST_CASE("hosts take turns") {
  const std::vector<std::string_view> urls{
      "http://a/1", "http://a/2", "http://a/3", "http://b/1", "http://c/1", "http://b/2"};
  ExternalCheck check(urls, std::vector<bool>(urls.size()));
  CHECK(questions(urls, {}, check) == Lines{"HEAD http://a/1",
                                            "HEAD http://b/1",
                                            "HEAD http://c/1",
                                            "HEAD http://a/2",
                                            "HEAD http://b/2",
                                            "HEAD http://a/3"});
}

TEST_CASE("what is under way is waited for, because it may lead to another question") {
  const std::vector<std::string_view> urls{"http://a/"};
  ExternalCheck check(urls, {false});
  ExternalCheck::Question first, second;
  REQUIRE(check.next(first) == ExternalCheck::Next::ask);
  CHECK(check.next(second) == ExternalCheck::Next::wait);
  check.take(first, {.status = 501});
  REQUIRE(check.next(second) == ExternalCheck::Next::ask);
  CHECK(second.method == ExternalCheck::Method::get);
  check.take(second, {.status = 200});
  CHECK(check.next(second) == ExternalCheck::Next::end);
}

TEST_CASE(
    "a network that is down is found out soon, and one host that is not there is no such thing") {
  std::vector<std::string> names;
  std::map<std::string, WebAnswer> web;
  for (int i = 0; i < 500; ++i) {
    names.push_back("http://h" + std::to_string(i) + "/");
    web["HEAD " + names.back()] = {.trouble = i % 2 == 0 ? WebTrouble::unresolved
                                                         : WebTrouble::unreachable};
  }
  const std::vector<std::string_view> urls(names.begin(), names.end());
  ExternalCheck down(urls, std::vector<bool>(urls.size()));
  CHECK(questions(urls, web, down).size() == 20);
  CHECK(down.is_network_down());
  CHECK(down.lost_hosts() == 20);

  web.begin()->second = {.status = 500};
  ExternalCheck up(urls, std::vector<bool>(urls.size()));
  CHECK(questions(urls, web, up).size() == 501);
  CHECK_FALSE(up.is_network_down());

  // That an address of this machine was not asked says nothing.
  const std::vector<std::string_view> two{"http://localhost/", "http://h0/"};
  ExternalCheck check(two, {false, false});
  questions(two,
            {{"HEAD http://localhost/", {.trouble = WebTrouble::not_public}},
             {"HEAD http://h0/", {.trouble = WebTrouble::unresolved}}},
            check);
  CHECK(check.is_network_down());
}

std::string judged(const WebAnswer& answer) {
  const CheckedSite site({{"a.html", page("<a href=http://f.com/x>x</a>")}}, asking());
  const std::vector<FileFinding> found = site.of_the_web({{"http://f.com/x", answer}});
  if (found.empty()) {
    return "";
  }
  const Finding& f = found.at(0).finding;
  return std::string(f.severity == Severity::info ? "info " : "warning ") + std::string(f.code) +
         " " + f.message;
}

TEST_CASE(
    "what a server says is a mistake, what may be over tomorrow is told, the rest is silence") {
  for (const int status : {200, 204, 403}) {
    CHECK(judged({.status = status}).empty());
  }
  CHECK(judged({.status = 404}) ==
        "warning link/external link to http://f.com/x: the answer is 404 Not Found");
  CHECK(judged({.status = 410}) ==
        "warning link/external link to http://f.com/x: the answer is 410 Gone");
  CHECK(judged({.status = 302}) ==
        "warning link/external link to http://f.com/x: the answer is 302");
  CHECK(judged({.trouble = WebTrouble::unresolved}) ==
        "warning link/external link to http://f.com/x: there is no host f.com");
  CHECK(judged({.trouble = WebTrouble::refused}) ==
        "warning link/external link to http://f.com/x: nobody listens at f.com");
  CHECK(judged({.trouble = WebTrouble::tls, .message = "expired"}) ==
        "warning link/external link to http://f.com/x: no secure connection: expired");
  CHECK(judged({.status = 503}) ==
        "info link/external link to http://f.com/x: the answer is 503 Service Unavailable");
  CHECK(judged({.status = 429}) ==
        "info link/external link to http://f.com/x: the answer is 429 Too Many Requests");
  for (const WebTrouble trouble : {WebTrouble::unreachable,
                                   WebTrouble::timeout,
                                   WebTrouble::closed,
                                   WebTrouble::redirects,
                                   WebTrouble::other}) {
    CHECK(judged({.trouble = trouble}).starts_with("info link/external link to http://f.com/x: "));
  }
  CHECK(judged({.trouble = WebTrouble::not_public})
            .starts_with("warning link/external-private link to http://f.com/x: "));
  CHECK(judged({.status = 200, .moved_to = "https://f.com/x"}) ==
        "info link/external-moved link to http://f.com/x: moved for good to https://f.com/x");
  CHECK(judged({.status = 200, .moved_to = "http://f.com/x"}).empty());
  CHECK(
      judged({.status = 404, .moved_to = "https://f.com/x"}).starts_with("warning link/external "));
}

TEST_CASE("a dead link is told once, at its first place, with the others") {
  std::map<std::string, std::string> files;
  for (int i = 0; i < 7; ++i) {
    files[std::to_string(i) + ".html"] = page("<a href=http://f.com/>x</a>");
  }
  const CheckedSite site(files, asking());
  const auto found = site.of_the_web({{"http://f.com/", {.status = 404}}});
  REQUIRE(found.size() == 1);
  CHECK(found[0].file == 0);
  CHECK(found[0].finding.line == 2);
  CHECK(found[0].finding.message ==
        "link to http://f.com/: the answer is 404 Not Found; also in 1.html:2:9, 2.html:2:9, "
        "3.html:2:9 and 3 more files");
}

TEST_CASE("answers survive their file, and a damaged one is of no use") {
  const WebAnswers answers{
      {"http://a/", {.status = 200, .asked_s = 5}},
      {"http://b/ c", {.status = 204, .moved_to = "https://b/", .asked_s = 7}}};
  const std::string text = write_answers(answers);
  CHECK(read_answers(text) == answers);
  CHECK(read_answers(write_answers({})).empty());
  CHECK(read_answers("").empty());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    CHECK(read_answers(damaged).empty());
    CHECK(read_answers(text.substr(0, i)).empty());
  }
}

TEST_CASE("a good answer is good for so long, also in the next run") {
  std::string folder = "/tmp/validate-web-XXXXXX";
  REQUIRE((mkdtemp(folder.data()) != nullptr));
  {
    ExternalCache cache(folder, 1'000);
    CHECK_FALSE(cache.find("http://a/", 100));
    cache.keep("http://a/", {.status = 200, .asked_s = 1'000});
    cache.save();
  }
  CHECK(ExternalCache(folder, 1'100).find("http://a/", 100)->status == 200);
  CHECK_FALSE(ExternalCache(folder, 1'101).find("http://a/", 100));
  CHECK_FALSE(ExternalCache(folder, 999).find("http://a/", 100));
  CHECK_FALSE(ExternalCache("", 1'000).find("http://a/", 100));
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 1);
  { std::ofstream(folder + "/web-answers", std::ios::app) << "more"; }
  CHECK_FALSE(ExternalCache(folder, 1'000).find("http://a/", 100));
  {  // One that is too old for anybody goes.
    ExternalCache cache(folder, 100 * 86'400);
    cache.keep("http://old/", {.status = 200, .asked_s = 1});
    cache.keep("http://new/", {.status = 200, .asked_s = 99 * 86'400});
    cache.save();
  }
  CHECK(ExternalCache(folder, 100 * 86'400).find("http://new/", 200 * 86'400));
  CHECK_FALSE(ExternalCache(folder, 100 * 86'400).find("http://old/", 200 * 86'400));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace deployflow::validate
