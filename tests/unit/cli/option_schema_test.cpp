#include "cli/option_schema.hpp"

#include <doctest/doctest.h>

namespace deployflow::cli {
namespace {

TEST_CASE("options come in the schema's order, with type, default, need and description") {
  const auto options = read_options(R"({
    "type": "object", "required": ["to"],
    "properties": {
      "to": {"type": "string", "format": "target", "description": "Where to."},
      "limit": {"type": "string", "format": "bytes", "default": "10MiB"},
      "mode": {"enum": ["fast", "safe"], "default": "safe"},
      "kind": {"oneOf": [{"const": "a"}, {"const": "b"}]},
      "names": {"type": "array", "items": {"type": "string", "format": "glob"}, "default": []},
      "deep": {"type": "object"},
      "on": {"type": "boolean", "default": false},
      "count": {"type": "integer", "default": 3}
    }})");
  REQUIRE(options.size() == 8);
  CHECK(options[0].name == "to");
  CHECK(options[0].type == "target");
  CHECK(options[0].required);
  CHECK(options[0].description == "Where to.");
  CHECK(options[1].type == "bytes");
  CHECK(options[1].fallback == "10MiB");
  CHECK_FALSE(options[1].required);
  CHECK(options[2].type == "one of fast, safe");
  CHECK(options[3].type == "one of a, b");
  CHECK(options[4].type == "list of glob");
  CHECK(options[4].fallback == "[]");
  CHECK(options[5].type == "map");
  CHECK(options[6].fallback == "false");
  CHECK(options[7].fallback == "3");
}

TEST_CASE("no schema and a broken one have no options") {
  for (const char* schema : {static_cast<const char*>(nullptr),
                             "",
                             "{",
                             "[]",
                             "null",
                             "3",
                             R"({"properties": []})",
                             R"({"properties": {"a": 1}})"}) {
    CHECK(read_options(schema).empty());
  }
}

TEST_CASE("odd members are left out, not fatal") {
  const auto options = read_options(
      R"({"required": "x", "properties": {"a": {"type": 3, "format": [], "items": 1, "enum": 1, "oneOf": [1]}}})");
  REQUIRE(options.size() == 1);
  CHECK(options[0].type == "any");
}

}  // namespace
}  // namespace deployflow::cli
