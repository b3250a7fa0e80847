#include "cli/ui/json_reporter.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace deployflow::cli {
namespace {

using Json = nlohmann::json;

class Memory : public Output {
 public:
  void write(std::string_view text) override { lines.emplace_back(text); }
  std::vector<std::string> lines;
};

TEST_CASE("every event is one line of valid JSON with a type") {
  const std::vector<run::Event> events{run::SiteScanned{},
                                       run::StageStarted{},
                                       run::StageFinished{},
                                       run::Finding{},
                                       run::PlanEntry{},
                                       run::PlanTotals{},
                                       run::OperationDone{},
                                       run::Progress{},
                                       run::LogLine{},
                                       run::RunFinished{}};
  for (const run::Event& event : events) {
    const std::string line = json_line(event);
    CHECK(line.find('\n') == line.size() - 1);
    const Json json = Json::parse(line);
    CHECK(json.at("type").is_string());
  }
}

TEST_CASE("keys come back exactly, and cannot move a terminal's cursor") {
  run::OperationDone done;
  done.key = "a\x1b[2J\x7f\n\"\xC2\x9B\xE2\x80\xAE\xF0\x9F\x9A\x80.html";
  const std::string line = json_line(done);
  CHECK(Json::parse(line).at("key") == done.key);
  for (const std::string forbidden : {"\x1b", "\x7f", "\xC2\x9B", "\xE2\x80\xAE"}) {
    CHECK(line.find(forbidden) == std::string::npos);
  }
  CHECK(line.find("\xF0\x9F\x9A\x80") != std::string::npos);
}

TEST_CASE("bytes that are not UTF-8 do not break the line") {
  run::LogLine log;
  log.text = "a\xFF\xC3";
  CHECK(Json::parse(json_line(log)).at("message") == "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("the result has the fields that are promised") {
  run::RunFinished finished;
  finished.run_id = "20261120T223311Z-9f2c1a";
  finished.ok = true;
  finished.url = "http://x/";
  finished.seconds = 4.8004;
  run::TargetResult target;
  target.name = "primary";
  target.display = "s3://b";
  target.state = run::SiteState::current;
  target.stored = 42;
  target.kept = 7;
  target.deleted = 2;
  target.bytes = 1000;
  finished.targets = {target};
  finished.outputs = {{"upload.release", "{\"id\":1}"}, {"x.y", "not json"}};
  const Json json = Json::parse(json_line(finished));
  CHECK(json.at("type") == "result");
  CHECK(json.at("schema") == 1);
  CHECK(json.at("ok") == true);
  CHECK(json.at("exit_code") == 0);
  CHECK(json.at("live_site") == "current");
  CHECK(json.at("url") == "http://x/");
  CHECK(json.at("uploaded") == 42);
  CHECK(json.at("deleted") == 2);
  CHECK(json.at("same") == 7);
  CHECK(json.at("bytes") == 1000);
  CHECK(json.at("seconds") == 4.8);
  CHECK(json.at("outputs").at("upload.release").at("id") == 1);
  CHECK(json.at("outputs").at("x.y") == "not json");
  CHECK(json.at("targets").at(0).at("live_site") == "current");
  CHECK(json.at("targets").at(0).at("location") == "s3://b");
  CHECK_FALSE(json.contains("error"));
}

TEST_CASE("a failure has its exit code, error and hint") {
  run::RunFinished finished;
  finished.error = {Errc::auth, "refused key AKIA", "set the clock"};
  const Json json = Json::parse(json_line(finished));
  CHECK(json.at("ok") == false);
  CHECK(json.at("exit_code") == 4);
  CHECK(json.at("live_site") == "unchanged");
  CHECK(json.at("error") ==
        Json{{"code", "auth"}, {"message", "refused key AKIA"}, {"hint", "set the clock"}});
}

TEST_CASE("the error of the result is the first finding, not a count of findings") {
  Memory memory;
  JsonReporter reporter(memory);
  run::Finding finding;
  finding.severity = run::Severity::warning;
  finding.message = "only a warning";
  reporter.on_event(finding);
  finding.severity = run::Severity::error;
  finding.message = "no such bucket";
  finding.hint = "create it";
  finding.key = "k";
  reporter.on_event(finding);
  run::RunFinished finished;
  finished.errors = 3;
  finished.error = {Errc::not_found, "stage upload found 3 errors", {}};
  reporter.on_event(finished);
  CHECK(Json::parse(memory.lines.back()).at("error") ==
        Json{{"code", "not_found"},
             {"message", "k: no such bucket (and 2 more errors)"},
             {"hint", "create it"}});
}

TEST_CASE("a wrong pipeline file ends in a result as well, with every diagnostic") {
  Memory memory;
  JsonReporter reporter(memory);
  Refusal refusal;
  refusal.error = {Errc::config, "2 errors in deployflow.yaml", {}};
  refusal.file = "deployflow.yaml";
  refusal.diagnostics = {{{14, 7}, "unknown option", "did you mean \"to\"?"}, {{}, "second", ""}};
  reporter.refuse(refusal);
  REQUIRE(memory.lines.size() == 1);
  const Json json = Json::parse(memory.lines.front());
  CHECK(json.at("type") == "result");
  CHECK(json.at("exit_code") == 2);
  CHECK(json.at("diagnostics").at(0) == Json{{"path", "deployflow.yaml"},
                                             {"line", 14},
                                             {"column", 7},
                                             {"message", "unknown option"},
                                             {"hint", "did you mean \"to\"?"}});
  CHECK(json.at("diagnostics").at(1) == Json{{"path", "deployflow.yaml"}, {"message", "second"}});
}

TEST_CASE("the result is the last line, even if a signal comes while it is written") {
  Memory memory;
  JsonReporter reporter(memory);
  reporter.note("before");
  reporter.on_event(run::RunFinished{});
  reporter.note("interrupted");
  REQUIRE(memory.lines.size() == 2);
  CHECK(Json::parse(memory.lines.back()).at("type") == "result");

  Memory refused;
  JsonReporter refusing(refused);
  refusing.refuse({});
  refusing.note("interrupted");
  CHECK(refused.lines.size() == 1);
}

TEST_CASE("progress is told at most once a second") {
  Memory memory;
  JsonReporter reporter(memory);
  for (int i = 0; i < 100; ++i) {
    reporter.on_event(run::Progress{});
  }
  CHECK(memory.lines.size() <= 2);
}

}  // namespace
}  // namespace deployflow::cli
