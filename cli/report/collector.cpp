#include "cli/report/collector.hpp"

#include "cli/report/fingerprint.hpp"
#include "cli/ui/closing.hpp"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

namespace deployflow::cli {
namespace {

// What is found in parallel comes in no order; two runs over the same site must tell the same.
bool stands_before(const Entry& a, const Entry& b) {
  const auto key = [](const Entry& entry) {
    const run::Finding& f = entry.finding;
    return std::tie(
        entry.path, f.line, f.column, entry.rule, f.message, f.stage, f.end_line, f.end_column);
  };
  return key(a) < key(b);
}

}  // namespace

Collector::Collector(std::string command, Places places)
    : places_(std::move(places)), seen_(std::chrono::system_clock::now()) {
  report_.command = std::move(command);
  report_.when = seen_;
}

void Collector::begin(const std::string& what, SiteKind /*kind*/) {
  const std::lock_guard lock(mutex_);
  report_.site = what;
}

void Collector::on_event(const run::Event& event) {
  const std::lock_guard lock(mutex_);
  if (const auto* finding = std::get_if<run::Finding>(&event)) {
    report_.entries.push_back({*finding, {}, {}, {}});
  } else if (std::holds_alternative<run::SiteScanned>(event)) {
    seen_ = std::chrono::system_clock::now();
  } else if (const auto* finished = std::get_if<run::RunFinished>(&event)) {
    finish(*finished);
  }
}

void Collector::finish(const run::RunFinished& finished) {
  report_.run_id = finished.run_id;
  report_.seconds = finished.seconds;
  report_.url = finished.ok && !finished.dry_run ? finished.url : "";
  if (!finished.ok && !is_told_by_findings(finished)) {
    report_.failure = finished.error;
  }
}

void Collector::refuse(const Refusal& refusal) {
  const std::lock_guard lock(mutex_);
  for (const auto& diagnostic : refusal.diagnostics) {
    run::Finding finding;
    finding.code = "pipeline/invalid";
    finding.message = diagnostic.message;
    finding.hint = diagnostic.hint;
    finding.file = refusal.file;
    finding.line = diagnostic.at.line;
    finding.column = diagnostic.at.column;
    report_.entries.push_back({std::move(finding), {}, {}, {}});
  }
  if (refusal.diagnostics.empty()) {
    report_.failure = refusal.error;
  }
}

void Collector::complete(Entry& entry) const {
  const run::Finding& finding = entry.finding;
  entry.rule = !finding.code.empty()   ? finding.code
               : finding.stage.empty() ? "deployflow"
                                       : finding.stage;
  // A place is asked for even where there is none: the site is what it is about then.
  const bool is_input = report_.site == k_standard_input;
  const bool named = !report_.site.empty() && !is_input;
  entry.path = is_input && !finding.key.empty()
                   ? finding.key  // not where it is kept
                   : places_.path_of(finding, named ? report_.site : "deployflow.yaml");
}

Report Collector::take(ExitCode code) {
  const std::lock_guard lock(mutex_);
  for (Entry& entry : report_.entries) {
    complete(entry);
  }
  Report report = std::exchange(report_, {});
  report.code = code;
  for (const Entry& entry : report.entries) {
    switch (entry.finding.severity) {
      case run::Severity::error:
        ++report.errors;
        break;
      case run::Severity::warning:
        ++report.warnings;
        break;
      case run::Severity::info:
        ++report.infos;
        break;
    }
  }
  std::stable_sort(report.entries.begin(), report.entries.end(), stands_before);
  Sources files = sources();
  Fingerprints fingerprints;
  for (Entry& entry : report.entries) {
    entry.fingerprint = fingerprints.next(entry, files);
  }
  return report;
}

}  // namespace deployflow::cli
