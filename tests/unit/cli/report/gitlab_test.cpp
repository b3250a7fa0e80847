#include "tests/unit/cli/report/samples.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace deployflow::cli {
namespace {

using Json = nlohmann::json;

TEST_CASE("GitLab: a list of issues, each with what the format requires") {
  const Json issues = Json::parse(written(write_gitlab, sample_report()));
  REQUIRE(issues.size() == 3);
  CHECK(issues[0] == Json::parse(R"({"description": "no <page>", "check_name": "link/missing",
      "fingerprint": "00112233445566778899aabbccddeeff", "severity": "major",
      "location": {"path": "site/a.html", "lines": {"begin": 3}}})"));
  CHECK(issues[1]["severity"] == "minor");
  CHECK(issues[2]["severity"] == "info");
  CHECK(issues[2]["location"]["lines"]["begin"] == 1);  // of a file as a whole
}

TEST_CASE("GitLab: a finding of many lines has its end") {
  Report report = sample_report();
  report.entries[0].finding.end_line = 5;
  CHECK(Json::parse(written(write_gitlab, report))[0]["location"]["lines"]["end"] == 5);
}

TEST_CASE("GitLab: nothing found is an empty list") {
  CHECK(written(write_gitlab, Report{}) == "[]\n");
}

}  // namespace
}  // namespace deployflow::cli
