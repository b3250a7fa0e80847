#include "cli/report/writers.hpp"
#include "cli/ui/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace deployflow::cli {
namespace {

using Json = nlohmann::ordered_json;

const char* severity_of(run::Severity severity) {
  switch (severity) {
    case run::Severity::error:
      return "major";
    case run::Severity::warning:
      return "minor";
    case run::Severity::info:
      return "info";
  }
  return "info";
}

Json issue_of(const Entry& entry) {
  const run::Finding& finding = entry.finding;
  // Every one needs a line: what is about a file as a whole is shown at its first.
  Json lines{{"begin", std::max(finding.line, 1U)}};
  if (finding.end_line > finding.line) {
    lines["end"] = finding.end_line;
  }
  return {{"description", finding.message},
          {"check_name", entry.rule},
          {"fingerprint", entry.fingerprint},
          {"severity", severity_of(finding.severity)},
          {"location", {{"path", entry.path}, {"lines", std::move(lines)}}}};
}

}  // namespace

void write_gitlab(const Report& report, Sources& /*sources*/, Output& out) {
  out.write("[");
  const char* before = "\n";
  for (const Entry& entry : report.entries) {
    out.write(before + to_text(issue_of(entry)));
    before = ",\n";
  }
  out.write(report.entries.empty() ? "]\n" : "\n]\n");
}

}  // namespace deployflow::cli
