#include "tests/unit/cli/report/samples.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace deployflow::cli {
namespace {

using Json = nlohmann::json;

TEST_CASE("JSON: one object with the run and its findings") {
  const Json json = Json::parse(written(write_json, sample_report()));
  CHECK(json["schema"] == 1);
  CHECK(json["tool"]["name"] == "deployflow");
  CHECK(json["command"] == "validate");
  CHECK(json["site"] == "site/");
  CHECK(json["ok"] == false);
  CHECK(json["exit_code"] == 3);
  CHECK(json["errors"] == 1);
  CHECK(json["warnings"] == 1);
  CHECK(json["infos"] == 1);
  CHECK_FALSE(json.contains("error"));
  REQUIRE(json["findings"].size() == 3);
  CHECK(json["findings"][0] ==
        Json::parse(R"({"severity": "error", "rule": "link/missing", "stage": "validate",
      "path": "site/a.html", "line": 3, "column": 7, "end_line": 3, "end_column": 9, "message": "no <page>",
      "hint": "make it", "fingerprint": "00112233445566778899aabbccddeeff"})"));
  CHECK_FALSE(json["findings"][2].contains("line"));
}

TEST_CASE("JSON: why a run failed, and that a plan with changes has not") {
  const Json failed = Json::parse(written(write_json, failed_report()));
  CHECK(failed["error"] ==
        Json::parse(R"({"code": "network", "message": "no <answer>", "hint": "is it on?"})"));
  CHECK(failed["findings"] == Json::array());
  Report plan;
  plan.code = ExitCode::changes;
  plan.url = "https://example.com/";
  const Json json = Json::parse(written(write_json, plan));
  CHECK(json["ok"] == true);
  CHECK(json["url"] == "https://example.com/");
}

}  // namespace
}  // namespace deployflow::cli
