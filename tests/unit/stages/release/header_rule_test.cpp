#include "stages/release/header_rule.hpp"

#include "stages/release/header_field.hpp"
#include "tests/unit/stages/release/header_reading.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::test {
namespace {

using Lines = std::vector<std::string>;

/// What is wrong with the fields of one rule, each without the common beginning.
Lines wrong(const std::string& fields) {
  RealHost host;
  bool refused = false;
  try {
    rules_of(host, "- {match: \"**\", " + fields + "}");
  } catch (const Failure& failure) {
    refused = failure.status == DF_BAD_OPTIONS && std::string(failure.what()).empty();
  }
  CHECK(refused == !host.findings().empty());
  return host.findings();
}

TEST_CASE("the schema of the options is one that the host takes") {
  pipeline::Value options;
  CHECK(pipeline::check("{}", k_options_schema, &options) == Lines{});
  REQUIRE(options.find("header_defaults") != nullptr);
  CHECK(options.find("header_defaults")->boolean);
  CHECK(pipeline::check("headers:\n  - {cache_control: x}", k_options_schema) ==
        Lines{"p:9:11: stages[0].with.headers[0]: \"match\" is missing"});
  CHECK(pipeline::check("headers:\n  - {match: /a}", k_options_schema).size() == 1);
  CHECK(pipeline::check("headers:\n  - {match: [\"{a\"]}", k_options_schema).size() == 1);
  CHECK(pipeline::check("headers:\n  - {match: a, acl: [x]}", k_options_schema).size() == 1);
  CHECK(pipeline::check("headers:\n  - {match: a, cache: x}", k_options_schema).size() == 1);
}

TEST_CASE("a value that cannot be sent as a header is refused where it stands") {
  const std::string at =
      "upload/bad-headers headers[0].cache_control: cannot be the value of an "
      "HTTP header (at most 4,096 characters of ASCII in one line, no space at "
      "the ends)";
  CHECK(wrong("cache_control: \"a\\r\\nx-evil: 1\"") == Lines{"9:40 " + at});
  for (const char* value : {"a\\nb", "a\\tb", "\\x7F", "caf\xC3\xA9", " a", "a "}) {
    CAPTURE(value);
    CHECK(wrong("cache_control: \"" + std::string(value) + "\"") == Lines{"9:40 " + at});
  }
  CHECK(wrong("cache_control: \"" + std::string(4097, 'x') + "\"").size() == 1);
  CHECK(wrong("cache_control: \"" + std::string(4096, 'x') + "\"") == Lines{});
  CHECK(wrong("cache_control: \"~ !\"") == Lines{});
  CHECK_FALSE(release::is_header_value(std::string_view("a\0b", 3)));  // YAML has no such text
}

TEST_CASE("each field takes values of its own kind") {
  for (const char* good : {"content_type: text/html",
                           "content_type: text/html; charset=utf-8",
                           "content_type: image/svg+xml ; a=b",
                           "content_disposition: 'attachment; filename=\"a.pdf\"'",
                           "content_language: \"de-AT, en\"",
                           "content_encoding: \"gzip, br\"",
                           "storage_class: STANDARD_IA",
                           "acl: bucket-owner-full-control",
                           "redirect: /new.html",
                           "redirect: https://www.example.com/",
                           "redirect: http://x",
                           "metadata: {Author: a, x_y-1: b}"}) {
    CAPTURE(good);
    CHECK(wrong(good) == Lines{});
  }
  for (const char* bad : {"content_type: html",
                          "content_type: /html",
                          "content_type: text/",
                          "content_type: \"text/ html\"",
                          "content_type: \"; text/html\"",
                          "content_type: text/html x/y",
                          "content_language: de_AT",
                          "content_language: \"de,\"",
                          "content_language: \"de,,en\"",
                          "content_encoding: \"gzip br\"",
                          "storage_class: \"STANDARD IA\"",
                          "acl: public",
                          "acl: Public-Read",
                          "acl: log-delivery-write",
                          "redirect: new.html",
                          "redirect: https://",
                          "redirect: javascript:alert(1)",
                          "redirect: \"/a b\"",
                          "metadata: {\"a b\": x}",
                          "metadata: {\"a:b\": x}",
                          "metadata: {\"a\\nb\": x}",
                          "metadata: {\"\": x}",
                          "metadata: {\xC3\xA9: x}",
                          "metadata: {a: \"\xC3\xA9\"}",
                          "metadata: {Author: a, author: b}"}) {
    CAPTURE(bad);
    CHECK(wrong(bad).size() == 1);
  }
}

TEST_CASE("what is refused is said with its place, and never with its value") {
  CHECK(wrong("acl: hunter2") ==
        Lines{"9:30 upload/bad-headers headers[0].acl: is no canned ACL (private, public-read, "
              "public-read-write, authenticated-read, aws-exec-read, bucket-owner-read or "
              "bucket-owner-full-control)"});
  CHECK(wrong("metadata: {\"a\\nb\": hunter2}") ==
        Lines{"9:44 upload/bad-headers headers[0].metadata.?: cannot be the name of an HTTP header "
              "(letters, digits, - and _; stores take no spaces and no others than ASCII)"});
}

TEST_CASE("everything wrong in all rules is told at once") {
  RealHost host;
  CHECK_THROWS_AS(rules_of(host,
                           "- {match: \"**\", acl: a, storage_class: b c}\n"
                           "- {match: [\"!\", \"!/x\"]}\n"),
                  Failure);
  const Lines found = host.findings();
  REQUIRE(found.size() == 4);
  CHECK(found[0].rfind("9:30 upload/bad-headers headers[0].acl", 0) == 0);
  CHECK(found[1].rfind("9:48 upload/bad-headers headers[0].storage_class", 0) == 0);
  CHECK(found[2].rfind("10:20 upload/bad-headers headers[1].match", 0) == 0);
  CHECK(found[3].rfind("10:25 upload/bad-headers headers[1].match", 0) == 0);
}

TEST_CASE("what no schema has checked is refused too") {
  RealHost host;
  pipeline::Value options;
  REQUIRE(pipeline::check("headers: [text, {match: [[a]]}, {acl: private}, {match: a, acl: [x]}, "
                          "{match: a, metadata: x}, {match: a, cache: x}]",
                          R"({"properties": {"headers": {}}})",
                          &options) == Lines{});
  CHECK_THROWS_AS(
      release::read_header_rules(host.ctx(), "upload", run::to_c(*options.find("headers"))),
      Failure);
  CHECK(host.findings().size() == 6);
  // A schema that lets nothing at all pass means "".
  REQUIRE(pipeline::check("headers: [{match: a, acl: , metadata: {a: ~}}, {match: b, metadata: }]",
                          R"({"properties": {"headers": {}}})",
                          &options) == Lines{});
  const auto rules =
      release::read_header_rules(host.ctx(), "upload", run::to_c(*options.find("headers")));
  CHECK(rules.at(0).changes.size() == 2);
  CHECK(rules.at(1).changes.empty());
}

TEST_CASE("a rule keeps its patterns, its changes in order, and its name") {
  RealHost host;
  pipeline::Value options;
  REQUIRE(pipeline::check("headers:\n  - match: [\"a/**\", \"!a/b\", \"\\\\!x\"]\n"
                          "    metadata: {Author: me}\n    acl: private\n    storage_class: \"\"",
                          k_options_schema,
                          &options) == Lines{});
  const auto rules =
      release::read_header_rules(host.ctx(), "upload", run::to_c(*options.find("headers")));
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].match.taken == Lines{"a/**", "\\!x"});
  CHECK(rules[0].match.left == Lines{"a/b"});
  CHECK(rules[0].name == "headers[0], deployflow.yaml:9");
  using Change = std::pair<std::string, std::string>;
  CHECK((rules[0].changes == std::vector<Change>{{"x-amz-meta-author", "me"},
                                                 {"x-amz-acl", "private"},
                                                 {"x-amz-storage-class", ""}}));
  CHECK(release::read_header_rules(host.ctx(), "upload", nullptr).empty());
}

}  // namespace
}  // namespace deployflow::test
