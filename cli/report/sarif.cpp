// SARIF 2.1.0 as code scanning reads it. The paragraphs are those of
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html

#include "cli/report/places.hpp"
#include "cli/report/writers.hpp"
#include "cli/ui/json_text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <map>
#include <string>
#include <utility>

namespace deployflow::cli {
namespace {

using Json = nlohmann::ordered_json;

const char* level_of(run::Severity severity) {
  switch (severity) {
    case run::Severity::error:
      return "error";
    case run::Severity::warning:
      return "warning";
    case run::Severity::info:
      return "note";
  }
  return "none";
}

Json rule_json(const std::string& id, const Rule& rule) {
  const std::string title = title_of(id);
  return {{"id", id},
          {"shortDescription", {{"text", title}}},
          {"help", {{"text", rule.hint.empty() ? title : rule.hint}}},
          {"defaultConfiguration", {{"level", level_of(rule.gravest)}}}};
}

// 3.30: columns count characters (run.columnKind), and the end is the one after the last.
Json region_json(const run::Finding& finding) {
  Json region{{"startLine", finding.line}};
  if (finding.column > 0) {
    region["startColumn"] = finding.column;
  }
  if (finding.end_line > 0) {
    region["endLine"] = finding.end_line;
    region["endColumn"] = finding.end_column;
  }
  return region;
}

Json location_json(const Entry& entry) {
  const std::string uri = uri_of(entry.path);
  Json artifact{{"uri", uri}};
  if (!entry.path.starts_with('/')) {
    artifact["uriBaseId"] = "%SRCROOT%";
  }
  Json physical{{"artifactLocation", std::move(artifact)}};
  if (entry.finding.line > 0) {
    physical["region"] = region_json(entry.finding);
  }
  return {{"physicalLocation", std::move(physical)}};
}

Json result_json(const Entry& entry, std::size_t rule) {
  const run::Finding& finding = entry.finding;
  std::string text = finding.message;
  if (!finding.hint.empty()) {
    text += "\n" + finding.hint;
  }
  return {{"ruleId", entry.rule},
          {"ruleIndex", rule},
          {"level", level_of(finding.severity)},
          {"message", {{"text", std::move(text)}}},
          {"locations", Json::array({location_json(entry)})},
          {"partialFingerprints", {{"deployflowFinding/v1", entry.fingerprint}}}};
}

Json invocation_json(const Report& report) {
  const auto when = std::chrono::floor<std::chrono::seconds>(report.when);
  // It ran as it should also when what it found is bad (3.20.14).
  Json json{{"executionSuccessful", !report.failure || report.code == ExitCode::checks},
            {"exitCode", static_cast<int>(report.code)},
            {"startTimeUtc",
             fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                         fmt::gmtime(std::chrono::system_clock::to_time_t(when)))}};
  if (report.failure) {
    std::string text = report.failure->message;
    text += report.failure->hint.empty() ? "" : "\n" + report.failure->hint;
    json["toolExecutionNotifications"] =
        Json::array({{{"level", "error"}, {"message", {{"text", std::move(text)}}}}});
  }
  return json;
}

}  // namespace

void write_sarif(const Report& report, Sources& /*sources*/, Output& out) {
  out.write(
      "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
      "\"runs\":[{\"tool\":{\"driver\":{\"name\":\"deployflow\",\"semanticVersion\":"
      "\"" DEPLOYFLOW_VERSION "\",\"rules\":[");
  std::map<std::string, std::size_t> numbers;
  for (const auto& [id, rule] : rules_of(report)) {
    out.write((numbers.empty() ? "\n" : ",\n") + to_text(rule_json(id, rule)));
    numbers.emplace(id, numbers.size());
  }
  out.write("]}},\n\"columnKind\":\"unicodeCodePoints\",\"invocations\":[" +
            to_text(invocation_json(report)) + "],\n\"results\":[");
  const char* before = "\n";
  for (const Entry& entry : report.entries) {
    out.write(before + to_text(result_json(entry, numbers[entry.rule])));
    before = ",\n";
  }
  out.write("]}]}\n");
}

}  // namespace deployflow::cli
