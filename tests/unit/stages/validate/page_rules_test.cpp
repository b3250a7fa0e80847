// The rules of the sets recommended and strict: each mistake is found where it was planted, and
// what is none is left alone.

#include "stages/validate/key.hpp"
#include "stages/validate/page.hpp"
#include "stages/validate/rule_texts.hpp"
#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view k_head =
    "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>t</title>"
    "<meta name=viewport content='width=device-width'><meta name=description content=d>"
    "<link rel=canonical href='/'></head><body><h1>h</h1>\n";

std::string good_page(std::string_view body) {
  return std::string(k_head) + std::string(body) + "\n</body></html>\n";
}

Lines findings(const std::string& text, RuleSet rules = RuleSet::strict, bool is_https = true) {
  PageSettings settings;
  settings.rules = rules;
  settings.is_https = is_https;
  Lines out;
  for (const Finding& f : check_page(text, settings)) {
    out.push_back(std::to_string(f.line) + ":" + std::to_string(f.column) + " " +
                  std::string(f.code));
  }
  return out;
}

std::string joined(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) {
    out += line + '\n';
  }
  return out;
}

TEST_CASE("a good page has no finding in any set") {
  const std::string good = good_page(
      "<img src=a.png alt=''><img src=b.png alt='b'><img src=c.png role=presentation>"
      "<map name=m><area><area href=/ alt=x></map>"
      "<form><label>a <input name=a></label><input id=b><label for=b>b</label>"
      "<input type=hidden name=c><input type=submit><input aria-label=d>"
      "<select title=e><option>x</select><button>go</button></form>"
      "<a href=https://other.example target=_blank rel='nofollow noopener'>x</a>"
      "<a href=/own target=_blank>x</a><a href=http://other.example>x</a>"
      "<svg><title>x</title><a href=x>y</a><g id=i></g></svg><math id=j></math>"
      "<template><img src=x><h1>x</h1><p id=i></template><p id=k><b id=l>x</b>");
  for (const RuleSet rules : {RuleSet::essential, RuleSet::recommended, RuleSet::strict}) {
    CHECK(joined(findings(good, rules)) == "");
  }
}

TEST_CASE("elements that the parser makes twice of one tag have their id once") {
  CHECK(findings(good_page("<p><b id=b>x</p><p>y</b></p>"), RuleSet::recommended) ==
        Lines{"2:4 html/nesting"});
}

struct Planted {
  std::string_view code;
  std::string_view body;
  std::string_view mistake;  // of body; where the finding is
  RuleSet set;
};

const std::vector<Planted>& planted() {
  using enum RuleSet;
  static const std::vector<Planted> k_all{
      {"html/duplicate-id", "<p id=a>x</p><p id='a'>y</p>", "<p id='a'>", recommended},
      {"html/duplicate-id", "<svg><g id=a></g></svg><p id='a'>y</p>", "<p id='a'>", recommended},
      {"a11y/alt", "<p>x <img src=a.png> y</p>", "<img", recommended},
      {"a11y/alt", "<form><input type=image src=a.png></form>", "<input", recommended},
      {"a11y/alt", "<map name=m><area href=/></map>", "<area", recommended},
      {"a11y/label", "<form><input name=a></form>", "<input", recommended},
      {"a11y/label", "<form><label for=b>b</label><input id=a></form>", "<input", recommended},
      {"a11y/label", "<form><select><option>x</select></form>", "<select", recommended},
      {"a11y/label", "<form><textarea></textarea></form>", "<textarea", recommended},
      {"security/mixed-content",
       "<script src=http://x.example/a.js></script>",
       "<script",
       recommended},
      {"security/mixed-content", "<img alt='' src=' HTTP://x.example/a.png'>", "<img", recommended},
      {"security/mixed-content", "<iframe src=http://x.example/></iframe>", "<iframe", recommended},
      {"a11y/heading", "<h1>another</h1>", "<h1>", strict},
      {"security/noopener", "<a href=//x.example target=_blank>x</a>", "<a", strict},
      {"security/noopener",
       "<a href=HTTPS://x.example target=_BLANK rel=nofollow>x</a>",
       "<a",
       strict},
  };
  return k_all;
}

TEST_CASE("each mistake is found where it was planted, by the sets that have its rule") {
  std::minstd_rand random(20261128);
  const std::vector<std::string_view> around{
      "<p>text</p>\n", "<ul><li>x<li>y</ul>", "\n\n", "<!-- c -->", "<pre>\n  z\n</pre>\n"};
  for (int round = 0; round < 50; ++round) {
    for (const Planted& each : planted()) {
      std::string before;
      for (std::uint64_t i = random() % 6; i > 0; --i) {
        before += around[random() % around.size()];
      }
      const std::string body = before + std::string(each.body) + std::string(around[random() % 4]);
      const std::size_t at = before.size() + each.body.rfind(each.mistake);
      std::size_t line = 2;
      std::size_t column = 1;
      for (std::size_t i = 0; i < at; ++i) {
        line += body[i] == '\n' ? 1U : 0U;
        column = body[i] == '\n' ? 1 : column + 1;
      }
      const std::string expected =
          std::to_string(line) + ":" + std::to_string(column) + " " + std::string(each.code);
      CAPTURE(body);
      CHECK(joined(findings(good_page(body), RuleSet::strict)) == expected + '\n');
      CHECK(findings(good_page(body), RuleSet::recommended) ==
            (each.set == RuleSet::recommended ? Lines{expected} : Lines{}));
      CHECK(findings(good_page(body), RuleSet::essential) == Lines{});
    }
  }
}

TEST_CASE("what a page as a whole lacks is told of it as a whole") {
  const std::string bare = "<!DOCTYPE html><p>x</p>\n";
  CHECK(findings(bare, RuleSet::essential) == Lines{});
  CHECK(findings(bare, RuleSet::recommended) ==
        Lines{"0:0 a11y/lang", "0:0 seo/title", "0:0 seo/viewport"});
  CHECK(findings(bare, RuleSet::strict) == Lines{"0:0 a11y/lang",
                                                 "0:0 seo/title",
                                                 "0:0 seo/viewport",
                                                 "0:0 seo/description",
                                                 "0:0 seo/canonical",
                                                 "0:0 a11y/heading"});
  const std::string empty_title =
      "<!DOCTYPE html><html><head><title> </title><meta name=viewport "
      "content=x></head><p>x</p></html>\n";
  CHECK(findings(empty_title, RuleSet::recommended) == Lines{"0:0 seo/title", "1:16 a11y/lang"});
  const std::string sends_away =
      "<!DOCTYPE html><html lang=en><meta http-equiv=refresh content='0; url=/x'></html>\n";
  CHECK(findings(sends_away, RuleSet::strict) == Lines{});
}

TEST_CASE("http is no mistake on a site that is seen by http") {
  CHECK(findings(good_page("<img alt='' src=http://x.example/a.png>"), RuleSet::strict, false) ==
        Lines{});
}

TEST_CASE("names that say that a file is private are told where that is asked") {
  const auto codes = [](std::string_view key, RuleSet set) {
    Lines out;
    for (const Finding& f : check_key(key, set)) {
      out.emplace_back(f.code);
    }
    return out;
  };
  for (const std::string_view key : {".env",
                                     ".git/config",
                                     "a/.DS_Store",
                                     "id_rsa",
                                     "a/db.sqlite",
                                     "a/page.html~",
                                     "page.html.bak",
                                     "tls/site.pem"}) {
    CAPTURE(key);
    CHECK(codes(key, RuleSet::essential) == Lines{});
    CHECK(codes(key, RuleSet::recommended) == Lines{"security/private-file"});
  }
  for (const std::string_view key : {".well-known/security.txt",
                                     ".nojekyll",
                                     "a.b/c",
                                     "id_rsa/x.html",
                                     "x.pem.html",
                                     "talk.key",
                                     "a/..b"}) {
    CAPTURE(key);
    CHECK(codes(key, RuleSet::strict) ==
          (key == "a/..b" ? Lines{"security/private-file"} : Lines{}));
  }
  CHECK(codes("js/app.js.map", RuleSet::recommended) == Lines{});
  CHECK(codes("js/app.js.map", RuleSet::strict) == Lines{"security/source-map"});
  CHECK(codes("site.map", RuleSet::strict) == Lines{});
}

// Codes of all that is said about a site of this file, with all rules.
std::vector<std::string_view> codes_of(ExampleOf what, std::string_view example) {
  Settings settings;
  settings.page.rules = RuleSet::strict;
  settings.page.is_https = true;
  settings.external.is_on = true;
  settings.external.accepted.add("200");
  std::map<std::string, std::string> files{{"index.html", good_page("x")},
                                           {"other.html", good_page("x")},
                                           {"other.js", ""},
                                           {"a.png", ""}};
  std::string key = what == ExampleOf::key        ? std::string(example)
                    : what == ExampleOf::style    ? "x.css"
                    : what == ExampleOf::xml      ? "x.xml"
                    : what == ExampleOf::manifest ? "x.webmanifest"
                                                  : "x.html";
  files[key] = what == ExampleOf::body  ? good_page(example)
               : what == ExampleOf::key ? std::string()
                                        : std::string(example);
  const CheckedSite site(files, settings);
  std::vector<std::string_view> out;
  for (const Finding& f : site.facts_of(key).findings) {
    out.push_back(f.code);
  }
  if (const Finding link = site.first_finding(); !link.code.empty()) {
    out.push_back(link.code);
  }
  for (const FileFinding& f : site.of_the_web(
           {{"https://example.com/no-such-page", {.status = 404}},
            {"https://example.com/", {.status = 200}},
            {"http://example.com/old", {.status = 200, .moved_to = "https://example.com/new"}},
            {"https://example.com/new", {.status = 200}},
            {"http://localhost:8080/", {.trouble = WebTrouble::not_public}}})) {
    out.push_back(f.finding.code);
  }
  return out;
}

TEST_CASE("every rule is explained, and its example shows it: wrong is found, right is not") {
  const auto texts = rule_texts();
  const auto rules = all_rules();
  REQUIRE(texts.size() == rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const RuleText& text = texts[i];
    CAPTURE(rules[i]->code);
    REQUIRE(text.rule == rules[i]);
    CHECK(text.why.ends_with('.'));
    if (text.example_of == ExampleOf::none) {
      CHECK(text.wrong.empty());
      continue;
    }
    const auto wrong = codes_of(text.example_of, text.wrong);
    CHECK(std::ranges::find(wrong, text.rule->code) != wrong.end());
    const auto right = codes_of(text.example_of, text.right);
    CHECK(std::ranges::find(right, text.rule->code) == right.end());
  }
}

}  // namespace
}  // namespace deployflow::validate
