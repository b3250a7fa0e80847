#include "stages/release/header_rules.hpp"

#include "tests/unit/stages/release/header_reading.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::test {
namespace {

using Defaults = release::HeaderRules::Defaults;
using Lines = std::vector<std::string>;

const std::string k_html = "text/html; charset=utf-8";
const std::string k_js = "text/javascript; charset=utf-8";

std::string set_of(RealHost& host, const release::HeaderRules& rules, const std::string& key) {
  return shown(rules.apply(host.ctx()).of(host.artifacts.find(key)->id));
}

TEST_CASE(
    "by default a name with a fingerprint is kept for a year and all else is asked for again") {
  RealHost host;
  const release::HeaderRules rules;
  host.add("app.9f2c1a.js", k_js);
  host.add("app.js", k_js);
  host.add("index.html", k_html);
  host.add("feed-3f2a9c81d4e5f6a7.json", "application/atom+xml");
  host.add("page-3f2a9c81d4e5f6a7.cgi", "text/html");
  CHECK(set_of(host, rules, "app.9f2c1a.js") ==
        k_js + " | cache-control: public, max-age=31536000, immutable");
  CHECK(set_of(host, rules, "app.js") == k_js + " | cache-control: no-cache");
  CHECK(set_of(host, rules, "index.html") == k_html + " | cache-control: no-cache");
  CHECK(set_of(host, rules, "feed-3f2a9c81d4e5f6a7.json") ==
        "application/atom+xml | cache-control: no-cache");
  CHECK(set_of(host, rules, "page-3f2a9c81d4e5f6a7.cgi") == "text/html | cache-control: no-cache");
  const release::HeaderRules none({}, Defaults::off);
  CHECK(set_of(host, none, "app.9f2c1a.js") == k_js);
  CHECK(set_of(host, none, "index.html") == k_html);
}

TEST_CASE("what an artifact carries goes over the defaults, and rules go over both") {
  RealHost host;
  host.add("a.js", k_js, {{"cache-control", "max-age=5"}, {"content-encoding", "br"}});
  host.add("b.js", k_js, {{"content-type", "text/plain"}});
  CHECK(set_of(host, release::HeaderRules(), "a.js") ==
        k_js + " | cache-control: max-age=5 | content-encoding: br");
  CHECK(set_of(host, release::HeaderRules(), "b.js") ==
        "text/plain | cache-control: no-cache | -content-type");
  const auto rules =
      rules_of(host, "- {match: \"*.js\", cache_control: max-age=9, content_type: a/b}");
  CHECK(set_of(host, rules, "a.js") == "a/b | cache-control: max-age=9 | content-encoding: br");
  CHECK(set_of(host, rules, "b.js") == "a/b | cache-control: max-age=9 | -content-type");
}

TEST_CASE("every rule that matches applies, later ones win field by field, metadata name by name") {
  RealHost host;
  host.add("a/x.pdf", "application/pdf");
  host.add("b.pdf", "application/pdf");
  const auto rules =
      rules_of(host,
               "- {match: \"**/*.pdf\", cache_control: one, acl: private, metadata: {A: 1, b: 2}}\n"
               "- {match: \"a/*\", cache_control: two, metadata: {B: 3, c: 4}}\n");
  CHECK(set_of(host, rules, "a/x.pdf") ==
        "application/pdf | cache-control: two | x-amz-acl: private | x-amz-meta-a: 1 | "
        "x-amz-meta-b: 3 | x-amz-meta-c: 4");
  CHECK(set_of(host, rules, "b.pdf") ==
        "application/pdf | cache-control: one | x-amz-acl: private | x-amz-meta-a: 1 | "
        "x-amz-meta-b: 2");
}

TEST_CASE("every field becomes its header") {
  RealHost host;
  host.add("a", "text/plain");
  const auto rules =
      rules_of(host,
               "- match: a\n  cache_control: no-store\n  content_disposition: attachment\n"
               "  content_language: de\n  content_encoding: gzip\n  acl: public-read\n"
               "  storage_class: GLACIER_IR\n  redirect: /b\n  metadata: {k: v}\n");
  CHECK(
      set_of(host, rules, "a") ==
      "text/plain | cache-control: no-store | content-disposition: attachment | "
      "content-encoding: gzip | content-language: de | x-amz-acl: public-read | x-amz-meta-k: v | "
      "x-amz-storage-class: GLACIER_IR | x-amz-website-redirect-location: /b");
}

TEST_CASE("an empty text removes: a default, another rule's, and what the artifact carries") {
  RealHost host;
  host.add("a", "text/plain", {{"content-encoding", "br"}, {"x-amz-meta-k", "v"}});
  const auto rules = rules_of(
      host,
      "- {match: a, acl: private, content_type: x/y}\n"
      "- {match: a, acl: \"\", cache_control: \"\", content_encoding: \"\", content_type: \"\",\n"
      "   metadata: {K: \"\"}, content_language: \"\"}\n");
  CHECK(set_of(host, rules, "a") == "text/plain | -content-encoding | -x-amz-meta-k");
  const auto back = rules_of(host,
                             "- {match: a, content_encoding: \"\"}\n"
                             "- {match: a, content_encoding: gzip}\n");
  CHECK(set_of(host, back, "a") ==
        "text/plain | cache-control: no-cache | content-encoding: gzip | x-amz-meta-k: v");
}

TEST_CASE("patterns with ! take away, whatever the order; with them alone all others are meant") {
  RealHost host;
  for (const char* key : {"!c", "a/1", "a/2", "b"}) {
    host.add(key, "t/t");
  }
  const auto marked = [&](const std::string& match) {
    const auto rules = rules_of(host, "- {match: " + match + ", acl: private}", Defaults::off);
    const auto sets = rules.apply(host.ctx());
    std::string keys;
    for (const auto id : host.artifacts.ids()) {
      keys += sets.of(id).find("x-amz-acl") != nullptr ? host.artifacts.get(id)->key + " " : "";
    }
    return keys;
  };
  CHECK(marked("\"**\"") == "!c a/1 a/2 b ");
  CHECK(marked("a/*") == "a/1 a/2 ");
  CHECK(marked("\"a/{2,3}\"") == "a/2 ");
  CHECK(marked("[b, a/1, nowhere]") == "a/1 b ");
  CHECK(marked("[\"a/*\", \"!a/1\"]") == "a/2 ");
  CHECK(marked("[\"!a/1\", \"a/*\"]") == "a/2 ");
  CHECK(marked("[\"!a/*\"]") == "!c b ");
  CHECK(marked("[\"!a/*\", \"!b\"]") == "!c ");
  CHECK(marked("[\"**\", \"!*\"]") == "a/1 a/2 ");
  CHECK(marked("\"\\\\!*\"") == "!c ");
}

TEST_CASE("an explanation names everything that touched the key, with what it changed") {
  RealHost host;
  host.add("a.3f2a9c81.css", "text/css", {{"content-encoding", "br"}});
  const auto rules = rules_of(host,
                              "- {match: \"*.css\", acl: private, content_encoding: gzip}\n"
                              "- {match: \"*.js\", acl: public-read}\n"
                              "- {match: \"**\", acl: private}\n"
                              "- {match: [\"!x\"], content_encoding: \"\"}\n");
  const auto explained = rules.explain(host.ctx(), "a.3f2a9c81.css");
  REQUIRE(explained.has_value());
  Lines lines;
  for (const auto& step : explained->steps) {
    lines.push_back(step.by);
    for (const auto& change : step.changes) {
      lines.push_back("  " + change.name + ": " + change.before.value_or("-") + " -> " +
                      change.after.value_or("-"));
    }
  }
  CHECK(lines == Lines{"default: the name has a fingerprint",
                       "  cache-control: - -> public, max-age=31536000, immutable",
                       "set by an earlier stage",
                       "  content-encoding: - -> br",
                       "headers[0], deployflow.yaml:9",
                       "  content-encoding: br -> gzip",
                       "  x-amz-acl: - -> private",
                       "headers[2], deployflow.yaml:11",
                       "headers[3], deployflow.yaml:12",
                       "  content-encoding: gzip -> -"});
  CHECK(shown(explained->result) == set_of(host, rules, "a.3f2a9c81.css"));
  CHECK_FALSE(rules.explain(host.ctx(), "b.css").has_value());
  host.add("b.css", "text/css");
  const auto other = rules_of(host, "- {match: [\"**\", \"!b*\"], acl: private}", Defaults::off);
  CHECK(other.explain(host.ctx(), "b.css")->steps.empty());
  CHECK(other.explain(host.ctx(), "a.3f2a9c81.css")->steps.size() == 2);
}

TEST_CASE("files with the same headers share one set, and each finds its own") {
  RealHost host;
  std::vector<std::uint64_t> ids(300);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ids[i] = host.add("k" + std::to_string(299 - i), i % 2 == 0 ? "a/a" : "b/b");
  }
  const std::uint64_t dropped = host.add("gone", "a/a");
  host.artifacts.drop(dropped);
  ids[7] = host.add(host.artifacts.get(ids[7])->key, "c/c");
  const auto rules = rules_of(host, "- {match: \"k?\", acl: private}");
  const auto sets = rules.apply(host.ctx());
  CHECK(sets.count() == 300);
  CHECK(sets.set_count() == 5);  // a/a and b/b with and without the rule, and c/c
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& set = sets.of(ids[i]);
    CHECK(set.content_type == (i == 7 ? "c/c" : i % 2 == 0 ? "a/a" : "b/b"));
    CHECK((set.find("x-amz-acl") != nullptr) == (i >= 290));
  }
  CHECK(sets.of(dropped) == release::HeaderSet{});
  CHECK(sets.of(0) == release::HeaderSet{});
  CHECK(sets.of(1'000'000) == release::HeaderSet{});
}

TEST_CASE("an empty site has no headers, and a rule that matches nothing is logged") {
  RealHost host;
  const auto rules = rules_of(host, "- {match: a, acl: private}\n- {match: \"**\", acl: private}");
  CHECK(rules.apply(host.ctx()).count() == 0);
  Lines logged;
  for (const auto& log : host.recorder.all<run::LogLine>()) {
    logged.push_back(log.text);
  }
  CHECK(logged == Lines{"headers[0], deployflow.yaml:9: matches no file",
                        "headers[1], deployflow.yaml:10: matches no file"});
}

TEST_CASE("an interrupted run gets no headers") {
  RealHost host;
  host.add("a", "a/a");
  host.stop.request_stop();
  CHECK_THROWS_AS((void)release::HeaderRules().apply(host.ctx()), Cancelled);
}

TEST_CASE("a HEAD shows all of them but the ACL and the usual storage class") {
  CHECK_FALSE(release::is_shown_by_head("x-amz-acl", "private"));
  CHECK_FALSE(release::is_shown_by_head("x-amz-storage-class", "STANDARD"));
  CHECK(release::is_shown_by_head("x-amz-storage-class", "GLACIER"));
  CHECK(release::is_shown_by_head("x-amz-website-redirect-location", "/a"));
  CHECK(release::is_shown_by_head("cache-control", "no-cache"));
}

}  // namespace
}  // namespace deployflow::test
