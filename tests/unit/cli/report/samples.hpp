// What the tests of formats share: a report of a few findings, and where it is written.

#pragma once

#include "cli/report/report.hpp"
#include "cli/report/writers.hpp"
#include "cli/ui/output.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow::cli {

class Written : public Output {
 public:
  void write(std::string_view text) override { text_ += text; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

inline Entry sample(run::Severity severity, std::string rule, std::string message) {
  Entry entry;
  entry.finding.stage = "validate";
  entry.finding.severity = severity;
  entry.finding.code = rule;
  entry.finding.message = std::move(message);
  entry.finding.file = "site/a.html";
  entry.finding.line = 3;
  entry.finding.column = 7;
  entry.rule = std::move(rule);
  entry.path = "site/a.html";
  entry.fingerprint = "00112233445566778899aabbccddeeff";
  return entry;
}

/// An error with a hint and an end, a warning without a column, a note about a whole file.
inline Report sample_report() {
  Report report;
  report.command = "validate";
  report.site = "site/";
  report.code = ExitCode::checks;
  report.when = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
  report.run_id = "run";
  report.entries.push_back(sample(run::Severity::error, "link/missing", "no <page>"));
  report.entries.back().finding.hint = "make it";
  report.entries.back().finding.end_line = 3;
  report.entries.back().finding.end_column = 9;
  report.entries.push_back(sample(run::Severity::warning, "html/quirks", "old"));
  report.entries.back().finding.column = 0;
  report.entries.push_back(sample(run::Severity::info, "orphan", "unused"));
  report.entries.back().finding.line = 0;
  report.entries.back().finding.column = 0;
  report.entries.back().path = "site/b.html";
  report.errors = report.warnings = report.infos = 1;
  return report;
}

inline Report failed_report() {
  Report report;
  report.command = "push";
  report.site = "site/";
  report.code = ExitCode::failed;
  report.failure = Error{Errc::network, "no <answer>", "is it on?"};
  return report;
}

inline std::string written(Writer write, const Report& report) {
  Sources none{std::chrono::system_clock::time_point{}};
  Written out;
  write(report, none, out);
  return out.text();
}

}  // namespace deployflow::cli
