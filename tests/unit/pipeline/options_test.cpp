#include "plugins/host/pipeline/pipeline.hpp"
#include "tests/unit/pipeline/reading.hpp"

#include <spdlog/fmt/fmt.h>

namespace deployflow::pipeline {
namespace {

// One option x that must have this schema.
Lines check_x(const std::string& option, const std::string& schema, Value* typed = nullptr) {
  const std::string whole = fmt::format(R"({{"properties": {{"x": {}}}}})", schema);
  Value with;
  Lines found = check("x: " + option, whole.c_str(), &with);
  if (typed != nullptr && found.empty()) {
    *typed = *with.find("x");
  }
  return found;
}

TEST_CASE("a plain scalar becomes what the schema asks for") {
  Value x;
  CHECK(check_x("010", R"({"type": "string"})", &x) == Lines{});
  CHECK(x.kind == Value::Kind::string);
  CHECK(x.text == "010");
  for (const char* text : {"yes", "1.10", "true", "5", "1e3", "0x10", "2026-01-01"}) {
    CHECK(check_x(text, R"({"type": "string"})", &x) == Lines{});
    CHECK(x.text == text);
  }
  CHECK(check_x("-42", R"({"type": "integer"})", &x) == Lines{});
  CHECK(x.integer == -42);
  CHECK(check_x("9223372036854775807", R"({"type": "integer"})", &x) == Lines{});
  CHECK(x.integer == INT64_MAX);
  CHECK(check_x("1.5e3", R"({"type": "number"})", &x) == Lines{});
  CHECK(x.kind == Value::Kind::real);
  CHECK(x.real == 1500);
  CHECK(check_x("false", R"({"type": "boolean"})", &x) == Lines{});
  CHECK(x.kind == Value::Kind::boolean);
  CHECK_FALSE(x.boolean);
  CHECK(check_x("5", R"({"type": ["string", "integer"]})", &x) == Lines{});
  CHECK(x.kind == Value::Kind::integer);
  CHECK(check_x("\"5\"", R"({"type": ["string", "integer"]})", &x) == Lines{});
  CHECK(x.kind == Value::Kind::string);
  CHECK(check_x("five", R"({"type": ["string", "integer"]})", &x) == Lines{});
  CHECK(x.text == "five");
  CHECK(check_x("5", R"({"description": "anything"})", &x) == Lines{});
  CHECK(x.text == "5");
}

TEST_CASE("a scalar of the wrong type is an error that says what to write") {
  const std::string integer = R"({"type": "integer"})";
  const std::string at = "p:8:10: stages[0].with.x: expected ";
  CHECK(check_x("ten", integer) == Lines{at + R"(a whole number, not "ten")"});
  CHECK(check_x("010", integer) ==
        Lines{at + R"(a whole number, not "010" (remove the leading zeros))"});
  CHECK(check_x("1.0", integer) == Lines{at + R"(a whole number, not "1.0")"});
  CHECK(check_x("0x1F", integer) == Lines{at + R"(a whole number, not "0x1F")"});
  CHECK(check_x("1_000", integer) == Lines{at + R"(a whole number, not "1_000")"});
  CHECK(check_x("\"5\"", integer) == Lines{at + R"(a whole number, not "5" (remove the quotes))"});
  CHECK(check_x("9223372036854775808", integer) ==
        Lines{at + R"(a whole number, not "9223372036854775808" (it is too large))"});
  CHECK(check_x("~", integer) == Lines{at + "a whole number, but it is empty"});
  CHECK(check_x("[1]", integer) == Lines{at + "a whole number, not a list"});
  CHECK(check_x(".inf", R"({"type": "number"})") == Lines{at + R"(a number, not ".inf")"});
  CHECK(check_x("inf", R"({"type": "number"})") == Lines{at + R"(a number, not "inf")"});
  CHECK(check_x("1e999", R"({"type": "number"})") == Lines{at + R"(a number, not "1e999")"});
  CHECK(check_x("on", R"({"type": "boolean"})") ==
        Lines{at + R"(true or false, not "on" (write true))"});
  CHECK(check_x("no", R"({"type": "boolean"})") ==
        Lines{at + R"(true or false, not "no" (write false))"});
  CHECK(check_x("True", R"({"type": "boolean"})") ==
        Lines{at + R"(true or false, not "True" (write true))"});
  CHECK(check_x("\"true\"", R"({"type": "boolean"})") ==
        Lines{at + R"(true or false, not "true" (remove the quotes))"});
  CHECK(check_x("{a: 1}", R"({"type": "string"})") == Lines{at + "text, not a map"});
  CHECK(check_x("a", R"({"type": "object"})") == Lines{at + R"(a map, not "a")"});
}

TEST_CASE("sizes and durations become numbers") {
  Value x;
  CHECK(check_x("10MiB", R"({"type": "string", "format": "bytes"})", &x) == Lines{});
  CHECK(x.kind == Value::Kind::integer);
  CHECK(x.integer == 10485760);
  CHECK(check_x("\"4096\"", R"({"type": "integer", "format": "bytes"})", &x) == Lines{});
  CHECK(x.integer == 4096);
  CHECK(check_x("5m", R"({"format": "duration"})", &x) == Lines{});
  CHECK(x.integer == 300000);
  const std::string at = "p:8:10: stages[0].with.x: ";
  CHECK(
      check_x("10 apples", R"({"format": "bytes"})") ==
      Lines{at +
            R"(expected a size such as 10MiB, not "10 apples" (units are B, KiB, MiB, GiB, TiB))"});
  CHECK(check_x("soon", R"({"format": "duration"})") ==
        Lines{at + R"(expected a duration such as 5m, not "soon" (units are ms, s, m, h, d))"});
  CHECK(check_x("1k", R"({"format": "bytes", "minimum": "1MiB"})") ==
        Lines{at + "must be at least 1.0 MiB"});
  CHECK(check_x("2s", R"({"format": "duration", "maximum": 1500})") ==
        Lines{at + "must be at most 1500 ms"});
}

TEST_CASE("limits are limits") {
  const std::string at = "p:8:10: stages[0].with.x: ";
  CHECK(check_x("0", R"({"type": "integer", "minimum": 1})") == Lines{at + "must be at least 1"});
  CHECK(check_x("1.5", R"({"type": "number", "maximum": 1.25})") ==
        Lines{at + "must be at most 1.25"});
  CHECK(check_x("\"\"", R"({"type": "string", "minLength": 1})") ==
        Lines{at + "must not be empty"});
  CHECK(check_x("\xC3\xA4\xC3\xB6", R"({"type": "string", "maxLength": 2})") == Lines{});
  CHECK(check_x("abc", R"({"type": "string", "maxLength": 2})") ==
        Lines{at + "has 3 characters; at most 2"});
  CHECK(check_x("[]", R"({"type": "array", "minItems": 2})") ==
        Lines{at + "needs at least 2 entries"});
  CHECK(check_x("[1, 2]", R"({"type": "array", "maxItems": 1})") ==
        Lines{at + "has 2 entries; at most 1"});
  CHECK(check_x("ab1", R"({"type": "string", "pattern": "^[a-z]+$"})") ==
        Lines{at + R"("ab1" does not have the form that is asked for (pattern: ^[a-z]+$))"});
  CHECK(check_x("rsync", R"({"enum": ["sync", "copy", 5]})") ==
        Lines{at + R"(must be one of sync, copy, 5; not "rsync" (did you mean "sync"?))"});
  CHECK(check_x("5", R"({"enum": ["sync", 5]})") == Lines{});
  CHECK(check_x("\"5\"", R"({"enum": ["sync", 5]})") ==
        Lines{at + R"(must be one of sync, 5; not "5" (remove the quotes))"});
  CHECK(check_x("/a", R"({"format": "glob"})") ==
        Lines{at + "expected a pattern of keys, which never start with \"/\" (such as **/*.html)"});
  CHECK(check_x("\"a{b\"", R"({"format": "glob"})") ==
        Lines{at +
              R"(the pattern has a { without its } (\{ and \\ mean the characters themselves))"});
  CHECK(check_x("\"\"", R"({"format": "path"})") == Lines{at + "expected a path, but it is empty"});
}

TEST_CASE("paths start from the folder of the pipeline file") {
  Value x;
  CHECK(check_x("./a/../b/", R"({"format": "path"})", &x) == Lines{});
  CHECK(x.text == "/site/a/../b");
  CHECK(check_x("/abs//x/.", R"({"format": "path"})", &x) == Lines{});
  CHECK(x.text == "/abs/x");
}

TEST_CASE("targets are names of the pipeline") {
  constexpr auto k_schema = R"({"type": "object", "required": ["from", "to"], "properties": {
    "from": {"type": "string", "format": "target"},
    "to": {"anyOf": [{"type": "string", "format": "target"},
                     {"type": "array", "minItems": 1, "items": {"type": "string", "format": "target"}}]}}})";
  CHECK(check("from: primary\nto: [mirror]", k_schema) == Lines{});
  CHECK(check("from: primary\nto: mirror", k_schema) == Lines{});
  CHECK(
      check("from: primry\nto: [mirror, miror, x]", k_schema) ==
      Lines{R"(p:8:13: stages[0].with.from: there is no target "primry" (did you mean "primary"?))",
            R"(p:9:20: stages[0].with.to[1]: there is no target "miror" (did you mean "mirror"?))",
            R"(p:9:27: stages[0].with.to[2]: there is no target "x" (targets: primary, mirror))"});
  CHECK(check("from: primary\nto: []", k_schema) ==
        Lines{"p:9:11: stages[0].with.to: needs at least 1 entry"});
  CHECK(check("from: primary\nto: {a: b}", k_schema) ==
        Lines{"p:9:11: stages[0].with.to: expected the name of a target or a list, not a map"});
}

TEST_CASE("unknown and missing options are reported with the name that was meant") {
  constexpr auto k_schema =
      R"({"required": ["to"], "properties": {"to": {"type": "string"}, "dry": {"type": "boolean"},
    "deep": {"type": "object", "properties": {"n": {"type": "integer"}}}}})";
  CHECK(check("too: x", k_schema) ==
        Lines{R"(p:8:7: stages[0].with.too: unknown option (did you mean "to"?))"});
  CHECK(check("dry: true", k_schema) == Lines{R"(p:8:7: stages[0].with: "to" is missing)"});
  CHECK(check("to: x\nwhatever: 1\ndeep: {n: z, \"a.b\": 1}", k_schema) ==
        Lines{"p:9:7: stages[0].with.whatever: unknown option (options: to, dry, deep)",
              R"(p:10:17: stages[0].with.deep.n: expected a whole number, not "z")",
              R"(p:10:20: stages[0].with.deep["a.b"]: unknown option (options: n))"});
  CHECK(check("a: 1", nullptr) ==
        Lines{"p:8:7: stages[0].with.a: unknown option (there are no options here)"});
  CHECK(check("", nullptr) == Lines{});
  CHECK(check("a: 1\nb: x", R"({"type": "object", "additionalProperties": {"type": "integer"}})") ==
        Lines{R"(p:9:10: stages[0].with.b: expected a whole number, not "x")"});
  CHECK(check("a: 1\nb: [x]", R"({"type": "object", "additionalProperties": true})") == Lines{});
}

TEST_CASE("defaults are filled in, typed, also in maps inside") {
  constexpr auto k_schema = R"({"properties": {
    "size": {"format": "bytes", "default": "2KiB"}, "n": {"type": "integer", "default": 3},
    "on": {"type": "boolean", "default": true}, "list": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
    "none": {"type": "string"}, "deep": {"type": "object", "default": {}, "properties": {"m": {"type": "integer", "default": 7}}}}})";
  Value with;
  CHECK(check("n: 4", k_schema, &with) == Lines{});
  CHECK(with.find("size")->integer == 2048);
  CHECK(with.find("size")->at.line == 0);
  CHECK(with.find("n")->integer == 4);
  CHECK(with.find("on")->boolean);
  CHECK(with.find("list")->list[0].text == "a");
  CHECK(with.find("none") == nullptr);
  CHECK(with.find("deep")->find("m")->integer == 7);
  CHECK(with.map.size() == with.key_positions.size());
  CHECK(
      check("", R"({"properties": {"to": {"format": "target", "default": "gone"}}})") ==
      Lines{
          R"(p:7:5: stages[0].with.to: there is no target "gone" (its default) (targets: primary, mirror))"});
}

TEST_CASE("checking twice changes nothing") {
  constexpr auto k_schema =
      R"({"properties": {"b": {"format": "bytes", "default": "1k"}, "d": {"format": "duration"},
    "n": {"type": "number"}, "f": {"type": "boolean"}, "p": {"format": "path"}}})";
  Parsed parsed = parse("version: 1\nstages: [{uses: t, with: {d: 5s, n: 2, f: true, p: x}}]\n");
  REQUIRE(parsed.pipeline.has_value());
  Value& with = parsed.pipeline->stages[0].with;
  for (int i = 0; i < 2; ++i) {
    CHECK(lines_of(check_options(with, k_schema, *parsed.pipeline, "w")) == Lines{});
    CHECK(with.map.size() == 5);
    CHECK(with.find("b")->integer == 1024);
    CHECK(with.find("d")->integer == 5000);
    CHECK(with.find("p")->text == "/site/x");
  }
}

TEST_CASE("options that were made without a file are checked as well") {
  const Pipeline pipeline;
  Value with;
  with.kind = Value::Kind::map;
  Value name;
  name.kind = Value::Kind::string;
  name.text = "primary";
  with.map.emplace_back("to", name);
  with.map.emplace_back("tp", name);
  constexpr auto k_schema =
      R"({"properties": {"to": {"format": "target"}, "n": {"type": "integer", "default": 1}}})";
  CHECK(lines_of(check_options(with, k_schema, pipeline, "with")) ==
        Lines{R"(p: with.to: there is no target "primary" (the pipeline has no targets))",
              R"(p: with.tp: unknown option (did you mean "to"?))"});
  CHECK(with.key_positions.size() == 3);
}

TEST_CASE(
    "of several alternatives the one that fits is taken, and the likely one explains itself") {
  constexpr auto k_schema =
      R"({"oneOf": [{"const": "auto", "description": "d"}, {"const": "never"}, {"type": "integer", "minimum": 1}]})";
  Value x;
  CHECK(check_x("auto", k_schema, &x) == Lines{});
  CHECK(check_x("3", k_schema, &x) == Lines{});
  CHECK(x.integer == 3);
  CHECK(
      check_x("nevr", k_schema) ==
      Lines{
          R"(p:8:10: stages[0].with.x: expected "auto" or "never" or a whole number, not "nevr" (did you mean "never"?))"});
}

TEST_CASE("a deprecated option works and gives a warning") {
  Parsed parsed = parse("version: 1\nstages:\n  - uses: t\n    with: {old: 1}\n");
  REQUIRE(parsed.pipeline.has_value());
  Diagnostics warnings;
  const Diagnostics problems = check_options(
      parsed.pipeline->stages[0].with,
      R"({"properties": {"old": {"type": "integer", "deprecated": "use \"new\""}, "new": {}}})",
      *parsed.pipeline,
      "stages[0].with",
      &warnings);
  CHECK(problems.empty());
  CHECK(lines_of(warnings) ==
        Lines{R"(p:4:12: stages[0].with.old: this option is deprecated (use "new"))"});
}

TEST_CASE("options can be listed for help") {
  const auto help = describe_options(R"({"required": ["to"], "properties": {
    "to": {"anyOf": [{"format": "target"}, {"type": "array", "items": {"format": "target"}}], "description": "where"},
    "size": {"format": "bytes", "default": "1MiB", "deprecated": true}, "mode": {"enum": ["a", "b"]}}})");
  REQUIRE(help.ok());
  REQUIRE(help->size() == 3);
  CHECK((*help)[0].name == "to");
  CHECK((*help)[0].type == "target | list of target");
  CHECK((*help)[0].required);
  CHECK((*help)[0].description == "where");
  CHECK((*help)[1].fallback == "1MiB");
  CHECK((*help)[1].deprecated);
  CHECK((*help)[2].type == "a | b");
  CHECK(describe_options(nullptr)->empty());
  CHECK_FALSE(describe_options("{").ok());
}

}  // namespace
}  // namespace deployflow::pipeline
