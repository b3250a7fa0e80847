#include "cli/report/writers.hpp"
#include "cli/ui/json_text.hpp"
#include "cli/ui/words.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <string>

namespace deployflow::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int k_schema = 1;

void add_text(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) {
    json[name] = text;
  }
}

Json finding_json(const Entry& entry) {
  const run::Finding& finding = entry.finding;
  Json json{{"severity", name_of(finding.severity)}, {"rule", entry.rule}};
  add_text(json, "stage", finding.stage);
  add_text(json, "key", finding.key);
  json["path"] = entry.path;
  for (const auto& [name, number] : {std::pair{"line", finding.line},
                                     std::pair{"column", finding.column},
                                     std::pair{"end_line", finding.end_line},
                                     std::pair{"end_column", finding.end_column}}) {
    if (number > 0) {
      json[name] = number;
    }
  }
  json["message"] = finding.message;
  add_text(json, "hint", finding.hint);
  json["fingerprint"] = entry.fingerprint;
  return json;
}

Json head_of(const Report& report) {
  Json json{{"schema", k_schema},
            {"tool", {{"name", "deployflow"}, {"version", DEPLOYFLOW_VERSION}}},
            {"command", report.command}};
  add_text(json, "site", report.site);
  add_text(json, "run_id", report.run_id);
  json["ok"] = report.code == ExitCode::done || report.code == ExitCode::changes;
  json["exit_code"] = static_cast<int>(report.code);
  json["errors"] = report.errors;
  json["warnings"] = report.warnings;
  json["infos"] = report.infos;
  json["seconds"] = std::round(report.seconds * 1000) / 1000;
  add_text(json, "url", report.url);
  if (report.failure) {
    json["error"] = {{"code", name_of(report.failure->code)}, {"message", report.failure->message}};
    add_text(json["error"], "hint", report.failure->hint);
  }
  return json;
}

}  // namespace

void write_json(const Report& report, Sources& /*sources*/, Output& out) {
  std::string head = to_text(head_of(report));
  head.pop_back();  // the brace: the findings follow one by one
  out.write(head + ",\"findings\":[");
  const char* before = "\n";
  for (const Entry& entry : report.entries) {
    out.write(before + to_text(finding_json(entry)));
    before = ",\n";
  }
  out.write(report.entries.empty() ? "]}\n" : "\n]}\n");
}

}  // namespace deployflow::cli
