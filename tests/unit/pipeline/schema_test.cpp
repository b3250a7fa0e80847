#include "plugins/host/pipeline/schema.hpp"

#include "plugins/host/pipeline/file_schema.hpp"
#include "tests/unit/pipeline/reading.hpp"

namespace deployflow::pipeline {
namespace {

std::string refusal(const std::string& text) {
  const auto schema = parse_schema(text);
  return schema.ok() ? "accepted" : schema.error().message;
}

TEST_CASE("the schema of the pipeline file itself is sound") {
  CHECK(refusal(std::string(file_schema_text())) == "accepted");
  CHECK(file_schema().required == std::vector<std::string>{"version", "stages"});
}

TEST_CASE("a broken schema is refused with the place of what is wrong") {
  CHECK(refusal("") == "it is not JSON (byte 1)");
  CHECK(refusal("{\"type\": ") == "it is not JSON (byte 10)");
  CHECK(refusal("\xFF") == "it is not JSON (byte 1)");
  CHECK(refusal("{\"minimum\": 1e999}") == "it is not JSON (a number is out of range)");
  CHECK(refusal("[]") == "at /: a schema must be an object");
  CHECK(refusal(R"({"type": "string"})") == "at /: options are an object");
  CHECK(refusal(R"({"properties": {"a": {"typ": "string"}}})") ==
        R"(at /properties/a: unknown keyword "typ")");
  CHECK(refusal(R"({"properties": {"a": 5}})") == "at /properties/a: a schema must be an object");
  CHECK(refusal(R"({"properties": []})") == "at /properties: must be an object");
  CHECK(refusal(R"({"properties": {"a": {"type": "text"}}})") ==
        "at /properties/a/type: must be string, integer, number, boolean, array or object, or a "
        "list of these");
  CHECK(refusal(R"({"properties": {"a": {"type": []}}})") ==
        "at /properties/a/type: must not be empty");
  CHECK(refusal(R"({"properties": {"a": {"format": "uri"}}})") ==
        "at /properties/a/format: must be bytes, duration, glob, path or target");
  CHECK(refusal(R"({"properties": {"a": {"type": "array", "format": "path"}}})") ==
        "at /properties/a: a format belongs to a string or number");
  CHECK(refusal(R"({"required": ["x"]})") == R"(at /required: "x" is not among the properties)");
  CHECK(refusal(R"({"required": [1]})") == "at /required: must be a list of names");
  CHECK(refusal(R"({"properties": {"a": {"minLength": -1}}})") ==
        "at /properties/a/minLength: must be a whole number, at least 0");
  CHECK(refusal(R"({"properties": {"a": {"minimum": "big"}}})") ==
        "at /properties/a/minimum: must be a number, or text in the schema's format");
  CHECK(
      refusal(R"({"properties": {"a": {"enum": []}}})") ==
      "at /properties/a/enum: must be a list of values that is not empty, and no const beside it");
  CHECK(refusal(R"({"properties": {"a": {"const": null}}})") ==
        "at /properties/a/const: may hold strings, numbers and booleans");
  CHECK(refusal(R"({"properties": {"a": {"anyOf": {}}}})") ==
        "at /properties/a/anyOf: must be a list of schemas, once");
  CHECK(refusal(R"({"properties": {"a": {"pattern": "(a"}}})") ==
        "at /properties/a/pattern: unbalanced (");
  CHECK(refusal(R"({"properties": {"a": {"deprecated": 1}}})") ==
        "at /properties/a/deprecated: must be true, false or what to use instead");
  CHECK(refusal("{\"\x1b[31m\": 1}") != "accepted");
}

TEST_CASE("a hostile schema costs nothing") {
  CHECK(refusal(std::string(70000, ' ')) == "it has over 64 KiB");
  CHECK(refusal(std::string(60000, '[')).rfind("it is", 0) == 0);
  std::string deep;
  std::string flat = "{";
  for (int i = 0; i < 20; ++i) {
    deep += R"({"items": )";
  }
  CHECK(refusal(deep + "{}" + std::string(20, '}')).find("nested too deeply; at most 16 levels") !=
        std::string::npos);
  for (int i = 0; i < 8000; ++i) {
    flat += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
  }
  CHECK(refusal(flat.substr(0, 60000)).rfind("it is not JSON", 0) == 0);
  CHECK(refusal(R"({"default": )" + std::string(50, '[') + std::string(50, ']') + "}") ==
        "accepted");
}

TEST_CASE("a broken schema is one diagnostic that names the stage") {
  Parsed parsed = parse("version: 1\nstages:\n  - uses: acme/x\n    with: {a: 1}\n");
  REQUIRE(parsed.pipeline.has_value());
  Value& with = parsed.pipeline->stages[0].with;
  CHECK(
      lines_of(check_options(with, "{\"a\": 1}", *parsed.pipeline, "stages[0].with")) ==
      Lines{
          R"(p:4:11: stages[0].with: the option schema of stage "acme/x" is broken: at /: unknown keyword "a" (this is a bug of the plugin))"});
}

}  // namespace
}  // namespace deployflow::pipeline
