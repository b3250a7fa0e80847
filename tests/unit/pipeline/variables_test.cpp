#include "plugins/host/pipeline/variables.hpp"

#include "plugins/host/pipeline/yaml_reader.hpp"
#include "tests/unit/pipeline/reading.hpp"

namespace deployflow::pipeline {
namespace {

struct Replaced {
  std::string text;
  bool from_variable = false;
  Lines problems;
};

Replaced replace(const std::string& scalar) {
  YamlDocument document = read_yaml("a: " + scalar + "\n");
  REQUIRE(lines_of(document.diagnostics) == Lines{});
  Diagnostics problems;
  substitute_variables(*document.root, document.source, test_variables, problems);
  const Value& value = *document.root->find("a");
  CHECK(value.broken == !problems.empty());
  return {value.text, value.from_variable, lines_of(problems)};
}

TEST_CASE("variables are replaced wherever they stand in a value") {
  CHECK(replace("${SET}").text == "value");
  CHECK(replace("x-${SET}/${SET}.y").text == "x-value/value.y");
  CHECK(replace("\"${SET}\"").text == "value");
  CHECK(replace("'${SET}'").text == "value");
  CHECK(replace("${EMPTY}").text.empty());
}

TEST_CASE("a default takes the place of an unset and of an empty variable") {
  CHECK(replace("${NONE:-b}").text == "b");
  CHECK(replace("${EMPTY:-b}").text == "b");
  CHECK(replace("${SET:-b}").text == "value");
  CHECK(replace("${NONE:-}").text.empty());
  CHECK(replace("${NONE:-a:-$b}").text == "a:-$b");
  CHECK_FALSE(replace("${NONE:-b}").from_variable);
  CHECK(replace("${SET}").from_variable);
}

TEST_CASE("a literal dollar needs no care, a literal ${ a second dollar") {
  CHECK(replace("$${SET}").text == "${SET}");
  CHECK(replace("a$b $ $$ $(x)").text == "a$b $ $$ $(x)");
  CHECK(replace("$$${SET}").text == "$${SET}");
}

TEST_CASE("what cannot be replaced is reported at its ${") {
  CHECK(replace("${NONE}").problems ==
        Lines{"p:1:4: variable NONE is not set (set it, or give a default: ${NONE:-...})"});
  CHECK(replace("x ${SET} ${NONE}").problems ==
        Lines{"p:1:13: variable NONE is not set (set it, or give a default: ${NONE:-...})"});
  CHECK(replace("\"\xC3\xA4 ${NONE}\"").problems ==
        Lines{"p:1:7: variable NONE is not set (set it, or give a default: ${NONE:-...})"});
  CHECK(replace("&x a${NONE}").problems ==
        Lines{"p:1:8: variable NONE is not set (set it, or give a default: ${NONE:-...})"});
  CHECK(replace("${A}${B}").problems.size() == 2);
  CHECK(replace("x${SET").problems ==
        Lines{R"(p:1:5: "${" is not closed with "}" (write $${ for a literal "${"))"});
  CHECK(replace("${A:-${SET}} ${B}").problems ==
        Lines{"p:1:4: a variable inside a variable is not supported",
              "p:1:17: variable B is not set (set it, or give a default: ${B:-...})"});
  for (const char* name : {"${}", "${1A}", "${A-b}", "${A b}", "${:-x}", "${A:+x}"}) {
    CAPTURE(name);
    CHECK(
        replace(name).problems ==
        Lines{
            R"(p:1:4: "${" needs the name of a variable: letters, digits and _, then "}" or ":-" (write $${ for a literal "${"))"});
  }
  CHECK(replace("${BINARY}").problems == Lines{"p:1:4: variable BINARY does not hold UTF-8 text"});
}

TEST_CASE("a value whose variable is not set is reported once") {
  CHECK(wrong("version: ${NONE}\ntargets: {a: {bucket: \"${NONE}\"}}\nstages: [{uses: "
              "\"${NONE}\"}]\n") ==
        Lines{"p:1:10: variable NONE is not set (set it, or give a default: ${NONE:-...})",
              "p:2:24: variable NONE is not set (set it, or give a default: ${NONE:-...})",
              "p:3:18: variable NONE is not set (set it, or give a default: ${NONE:-...})"});
}

TEST_CASE("in text that the file spells otherwise, the place is that of the value") {
  CHECK(replace("\"\\t${NONE}\"").problems ==
        Lines{"p:1:4: variable NONE is not set (set it, or give a default: ${NONE:-...})"});
  CHECK(replace("a\n  ${NONE}").problems ==
        Lines{"p:1:4: variable NONE is not set (set it, or give a default: ${NONE:-...})"});
}

TEST_CASE("what a variable holds is text, whatever it looks like") {
  const Lookup hostile = [](std::string_view) { return "{a: [1], b: ${SET}} # \n- x"; };
  YamlDocument document = read_yaml("k: ${X}\n${X}: y\n");
  Diagnostics problems;
  substitute_variables(*document.root, document.source, hostile, problems);
  CHECK(problems.empty());
  CHECK(document.root->find("k")->text == "{a: [1], b: ${SET}} # \n- x");
  CHECK(document.root->find("${X}")->text == "y");  // keys stay
}

TEST_CASE("a variable that is used often cannot fill the memory") {
  const std::string large(1000000, 'x');
  const Lookup lookup = [&](std::string_view) { return std::optional<std::string>(large); };
  YamlDocument document = read_yaml("- ${X}${X}${X}${X}${X}${X}${X}${X}\n- ${X}\n- ${X}${X}\n");
  Diagnostics problems;
  substitute_variables(*document.root, document.source, lookup, problems);
  CHECK(lines_of(problems) ==
        Lines{"p:1:3: with its variables replaced, the file has more than 4 MiB of text"});
}

TEST_CASE("no message shows what a variable holds") {
  const Lines found = wrong(R"(version: ${SECRET}
site: a
plugins: ${SECRET}
targets:
  a: {endpoint: "${SECRET}", bucket: "${SECRET}/", prefix: "../${SECRET}", url: "${SECRET}", anonymous: "${SECRET}", addressing: "${SECRET}"}
  b: {bucket: b, region: "${SECRET}\n", profile: "${SECRET}\n", ca_file: ["${SECRET}"]}
stages:
  - {uses: "${SECRET}"}
  - {uses: "${SECRET}"}
  - {uses: "a ${SECRET}", id: "?${SECRET}"}
)");
  CHECK(found.size() >= 12);
  for (const auto& line : found) {
    CHECK(line.find("hunter2") == std::string::npos);
  }
  constexpr auto k_schema =
      R"({"properties": {"i": {"type": "integer"}, "t": {"format": "target"}, "b": {"format": "bytes"},
    "e": {"enum": ["a", "hunter3"]}, "l": {"type": "array", "items": {}}, "p": {"type": "string", "pattern": "^x$"},
    "o": {"oneOf": [{"const": "hunter4"}, {"type": "boolean"}]}}})";
  const Lines options = check(
      "i: ${SECRET}\nt: ${SECRET}\nb: ${SECRET}\ne: ${SECRET}\nl: ${SECRET}\np: ${SECRET}\no: "
      "${SECRET}",
      k_schema);
  CHECK(options.size() == 7);
  for (const auto& line : options) {
    CHECK(line.find("hunter2") == std::string::npos);
  }
}

}  // namespace
}  // namespace deployflow::pipeline
