#include "tests/unit/cli/report/samples.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace deployflow::cli {
namespace {

using Json = nlohmann::json;

TEST_CASE("SARIF: rules, and results that point to them") {
  const Json log = Json::parse(written(write_sarif, sample_report()));
  CHECK(log["version"] == "2.1.0");
  const Json& run = log["runs"][0];
  CHECK(run["columnKind"] == "unicodeCodePoints");
  const Json& rules = run["tool"]["driver"]["rules"];
  REQUIRE(rules.size() == 3);
  CHECK(rules[1] ==
        Json::parse(R"({"id": "link/missing", "shortDescription": {"text": "Link: missing"},
      "help": {"text": "make it"}, "defaultConfiguration": {"level": "error"}})"));
  REQUIRE(run["results"].size() == 3);
  CHECK(run["results"][0] ==
        Json::parse(R"({"ruleId": "link/missing", "ruleIndex": 1, "level": "error",
      "message": {"text": "no <page>\nmake it"},
      "locations": [{"physicalLocation": {
          "artifactLocation": {"uri": "site/a.html", "uriBaseId": "%SRCROOT%"},
          "region": {"startLine": 3, "startColumn": 7, "endLine": 3, "endColumn": 9}}}],
      "partialFingerprints": {"deployflowFinding/v1": "00112233445566778899aabbccddeeff"}})"));
  CHECK(run["results"][2]["level"] == "note");
  CHECK_FALSE(run["results"][2]["locations"][0]["physicalLocation"].contains("region"));
  CHECK(run["invocations"][0] == Json::parse(R"({"executionSuccessful": true, "exitCode": 3,
      "startTimeUtc": "2023-11-14T22:13:20Z"})"));
}

TEST_CASE("SARIF: a file outside the repository has no base") {
  Report report = sample_report();
  report.entries[0].path = "/tmp/a.html";
  const Json log = Json::parse(written(write_sarif, report));
  CHECK(log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] ==
        Json::parse(R"({"uri": "file:///tmp/a.html"})"));
}

TEST_CASE("SARIF: a run that failed says so") {
  const Json log = Json::parse(written(write_sarif, failed_report()));
  const Json& invocation = log["runs"][0]["invocations"][0];
  CHECK(invocation["executionSuccessful"] == false);
  CHECK(invocation["toolExecutionNotifications"] ==
        Json::parse(R"([{"level": "error", "message": {"text": "no <answer>\nis it on?"}}])"));
  CHECK(log["runs"][0]["results"] == Json::array());
}

}  // namespace
}  // namespace deployflow::cli
