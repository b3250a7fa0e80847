#include "cli/plan_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace deployflow;
using cli::PlanFile;
using run::Action;

namespace {

const std::string k_sha256(64, 'a');

PlanFile full_file() {
  PlanFile file;
  file.version = "0.1.0";
  file.made = "2026-11-20T22:33:11Z";
  file.run = "20261120T223311Z-9f2c1a";
  file.asked = {"public/", "", "", "", "", "", "", "deployflow.yaml", {"./a.dfstage.so"}};
  file.pipeline = "deployflow.yaml";
  file.pipeline_sha256 = k_sha256;
  run::TargetPlan target{"primary", "s3://b/p", "https://s3.example.com", "R1", 4, {}};
  target.changes = {{Action::put, "\"a\"\n\xC3\xA4.css", 4, "new", k_sha256},
                    {Action::remove, "b", 0, "", ""},
                    {Action::headers, "c", 1, "headers differ: x", k_sha256}};
  file.plan.stages = {{"upload", k_sha256, {target, {"second", "", "", "", 0, {}}}},
                      {"replicate", k_sha256, {}}};
  return file;
}

std::string replaced(std::string text, const std::string& old, const std::string& by) {
  const std::size_t at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), by);
}

std::string why(const std::string& text) {
  const auto read = cli::read_plan_file(text);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().code == Errc::config);
  return read.error().message;
}

}  // namespace

TEST_CASE("what was written is read again, and written the same") {
  const std::string text = write_plan_file(full_file());
  const auto read = cli::read_plan_file(text);
  REQUIRE(read.ok());
  CHECK(read->version == "0.1.0");
  CHECK(read->run == "20261120T223311Z-9f2c1a");
  CHECK(read->asked == full_file().asked);
  CHECK(read->pipeline == "deployflow.yaml");
  REQUIRE(read->plan.stages.size() == 2);
  const auto& target = read->plan.stages[0].targets[0];
  CHECK(target.base == "R1");
  CHECK(target.kept == 4);
  CHECK(target.changes == full_file().plan.stages[0].targets[0].changes);
  CHECK(write_plan_file(*read) == text);
}

TEST_CASE("a change is a line, for people who read the file") {
  const std::string text = write_plan_file(full_file());
  CHECK(text.starts_with("{\n  \"deployflow_plan\": 1,\n  \"deployflow\": \"0.1.0\",\n"));
  CHECK(text.find("\n            {\"op\":\"delete\",\"key\":\"b\",\"bytes\":0},\n") !=
        std::string::npos);
  CHECK(text.find("\"totals\": {\"new\":1,\"changed\":0,\"headers\":1,\"copy\":0,\"delete\":1,"
                  "\"same\":4,\"bytes\":5}") != std::string::npos);
  CHECK(text.ends_with("\n}\n"));
}

TEST_CASE("what is no plan, or of a later version, is told apart") {
  CHECK(why("") == "it is not a plan of deployflow");
  CHECK(why("[]") == "it is not a plan of deployflow");
  CHECK(why("{}") == "it is not a plan of deployflow");
  CHECK(why(std::string(100'000, '[')) == "it is not a plan of deployflow");
  const std::string text = write_plan_file(full_file());
  CHECK(why(text.substr(0, text.size() / 2)) == "it is not a plan of deployflow");
  CHECK(why(replaced(text, "plan\": 1", "plan\": \"1\"")) == "it is not a plan of deployflow");
  CHECK(why(replaced(text, "plan\": 1", "plan\": 2")) ==
        "it was made by a later version of deployflow (format 2)");
  CHECK(why(std::string(cli::k_largest_plan_file + 1, ' ')) == "it is over 64.0 MiB");
}

TEST_CASE("whatever is not as it is written is named") {
  const std::string text = write_plan_file(full_file());
  const std::vector<std::pair<std::pair<std::string, std::string>, std::string>> cases{
      {{"\"made\"", "\"maid\""}, "it has an unknown member maid"},
      {{"\"op\":\"put\"", "\"op\":\"keep\""},
       "stages[0].targets[0].changes[0].op is none of put, update, headers, copy, delete"},
      {{"\"bytes\":4", "\"bytes\":-4"}, "stages[0].targets[0].changes[0].bytes is not a count"},
      {{"\"bytes\":4", "\"bytes\":4.5"}, "stages[0].targets[0].changes[0].bytes is not a count"},
      {{"\"bytes\":4", "\"bytes\":9"},
       "stages[0].targets[0].totals.bytes does not fit the changes"},
      {{"\"new\":1", "\"new\":0"}, "stages[0].targets[0].totals.new does not fit the changes"},
      {{"\"same\":4", "\"same\":null"}, "stages[0].targets[0].totals.same is not a count"},
      {{"\"key\":\"b\"", "\"key\":\"z\""}, "stages[0].targets[0].changes are not in order"},
      {{"\"target\": \"second\"", "\"target\": \"primary\""}, "stages[0].targets are not in order"},
      {{"\"stage\": \"replicate\"", "\"stage\": \"upload\""}, "two stages are called upload"},
      {{k_sha256, k_sha256.substr(1)}, "pipeline.sha256 is not a SHA-256"},
      {{"\"base\": \"R1\"", "\"base\": 1"}, "stages[0].targets[0].base is not a text"},
      {{"\"run\": \"20261120T223311Z-9f2c1a\"", "\"run\": \"\""}, "run is not a text"},
      {{"\"plugins\":[\"./a.dfstage.so\"]", "\"plugins\":[1]"},
       "asked.plugins holds what is not a text"},
      {{"\"bytes\":4", "\"bytes\":4,\"bytes\":4"}, "a name stands twice in one object"},
      {{"\"stages\": [", "\"stages\": {}, \"x\": ["}, "it has an unknown member x"},
  };
  for (const auto& row : cases) {  // clang captures no structured binding
    const auto& change = row.first;
    CAPTURE(change.second);
    CHECK(why(replaced(text, change.first, change.second)) == row.second);
  }
}
