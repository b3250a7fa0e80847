#include "cli/ui/json_reporter.hpp"

#include "cli/ui/closing.hpp"
#include "cli/ui/finding_list.hpp"
#include "cli/ui/json_text.hpp"
#include "cli/ui/words.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <utility>
#include <variant>

namespace deployflow::cli {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr int k_schema = 1;
constexpr auto k_between_progress = 1s;

// To the millisecond: more digits would only look exact.
double rounded(double seconds) {
  return std::round(seconds * 1000) / 1000;
}

Json error_json(const Error& error) {
  Json json{{"code", name_of(error.code)}, {"message", error.message}};
  if (!error.hint.empty()) {
    json["hint"] = error.hint;
  }
  return json;
}

// Absent rather than empty: "" would be a value.
void add_text(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) {
    json[name] = text;
  }
}

void add_number(Json& json, const char* name, std::uint64_t number) {
  if (number > 0) {
    json[name] = number;
  }
}

Json to_json(const run::SiteScanned& scanned) {
  return {
      {"type", "site"}, {"site", scanned.site}, {"files", scanned.files}, {"bytes", scanned.bytes}};
}

Json to_json(const run::StageStarted& started) {
  return {{"type", "stage"}, {"stage", started.stage}, {"status", "started"}};
}

Json to_json(const run::StageFinished& finished) {
  return {{"type", "stage"},
          {"stage", finished.stage},
          {"status", finished.ok ? "ok" : "failed"},
          {"seconds", rounded(finished.seconds)}};
}

Json to_json(const run::Finding& finding) {
  Json json{{"type", "finding"}, {"severity", name_of(finding.severity)}};
  add_text(json, "stage", finding.stage);
  add_text(json, "code", finding.code);
  add_text(json, "key", finding.key);
  add_text(json, "path", finding.file);
  add_number(json, "line", finding.line);
  add_number(json, "column", finding.column);
  add_number(json, "end_line", finding.end_line);
  add_number(json, "end_column", finding.end_column);
  json["message"] = finding.message;
  add_text(json, "hint", finding.hint);
  return json;
}

Json to_json(const run::PlanEntry& entry) {
  Json json{{"type", "planned"},
            {"stage", entry.stage},
            {"op", name_of(entry.action)},
            {"target", entry.target},
            {"key", entry.key},
            {"bytes", entry.size}};
  add_text(json, "reason", entry.reason);
  return json;
}

Json to_json(const run::PlanTotals& totals) {
  return {{"type", "plan"},
          {"schema", k_schema},
          {"stage", totals.stage},
          {"target", totals.target},
          {"location", totals.display},
          {"new", totals.put},
          {"changed", totals.update},
          {"headers", totals.headers},
          {"copy", totals.copy},
          {"delete", totals.remove},
          {"same", totals.keep},
          {"settings", totals.setting},
          {"bytes", totals.bytes}};
}

Json to_json(const run::OperationDone& done) {
  return {{"type", "action"},
          {"stage", done.stage},
          {"op", name_of(done.action)},
          {"target", done.target},
          {"key", done.key},
          {"bytes", done.size},
          {"seconds", rounded(done.seconds)}};
}

Json to_json(const run::Progress& progress) {
  return {{"type", "progress"},
          {"stage", progress.stage},
          {"done", progress.done},
          {"total", progress.total},
          {"bytes_done", progress.bytes_done},
          {"bytes_total", progress.bytes_total}};
}

Json to_json(const run::LogLine& line) {
  return {{"type", "log"},
          {"level", name_of(line.level)},
          {"source", line.source},
          {"message", line.text}};
}

Json to_json(const run::Answer& answer) {
  return {{"type", "answer"}, {"stage", answer.stage}, {"text", answer.line}};
}

Json target_json(const run::TargetResult& target) {
  Json json{{"name", target.name}, {"location", target.display}};
  add_text(json, "url", target.url);
  json["live_site"] = name_of(target.state);
  json["uploaded"] = target.stored;
  json["deleted"] = target.deleted;
  json["same"] = target.kept;
  json["bytes"] = target.bytes;
  return json;
}

Json targets_json(const run::RunFinished& finished) {
  Json targets = Json::array();
  for (const run::TargetResult& target : finished.targets) {
    targets.push_back(target_json(target));
  }
  return targets;
}

Json outputs_json(const run::RunFinished& finished) {
  Json outputs = Json::object();
  for (const auto& [name, text] : finished.outputs) {
    Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    outputs[name] = value.is_discarded() ? Json(text) : std::move(value);
  }
  return outputs;
}

Json to_json(const run::RunFinished& finished) {
  std::uint64_t uploaded = 0;
  std::uint64_t deleted = 0;
  std::uint64_t same = 0;
  std::uint64_t bytes = 0;
  for (const run::TargetResult& target : finished.targets) {
    uploaded += target.stored;
    deleted += target.deleted;
    same += target.kept;
    bytes += target.bytes;
  }
  Json json{{"type", "result"},
            {"schema", k_schema},
            {"ok", finished.ok},
            {"exit_code", static_cast<int>(exit_code(finished))},
            {"live_site", name_of(live_site(finished))},
            {"run_id", finished.run_id},
            {"dry_run", finished.dry_run}};
  add_text(json, "url", finished.url);
  json["uploaded"] = uploaded;
  json["deleted"] = deleted;
  json["same"] = same;
  json["bytes"] = bytes;
  json["errors"] = finished.errors;
  json["warnings"] = finished.warnings;
  json["seconds"] = rounded(finished.seconds);
  json["targets"] = targets_json(finished);
  json["outputs"] = outputs_json(finished);
  if (!finished.ok) {
    json["error"] = error_json(finished.error);
  }
  return json;
}

Json diagnostics_json(const Refusal& refusal) {
  Json list = Json::array();
  for (const pipeline::Diagnostic& diagnostic : refusal.diagnostics) {
    Json json{{"path", refusal.file}};
    add_number(json, "line", diagnostic.at.line);
    add_number(json, "column", diagnostic.at.column);
    json["message"] = diagnostic.message;
    add_text(json, "hint", diagnostic.hint);
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

std::string json_line(const run::Event& event) {
  return std::visit([](const auto& one) { return to_text(to_json(one)) + "\n"; }, event);
}

std::string json_line(const Refusal& refusal) {
  Json json{{"type", "result"},
            {"schema", k_schema},
            {"ok", false},
            {"exit_code", static_cast<int>(exit_code(refusal.error.code))},
            {"live_site", name_of(run::SiteState::unchanged)},
            {"error", error_json(refusal.error)}};
  if (!refusal.diagnostics.empty()) {
    json["diagnostics"] = diagnostics_json(refusal);
  }
  return to_text(json) + "\n";
}

void JsonReporter::on_event(const run::Event& event) {
  const std::lock_guard lock(mutex_);
  if (has_result_) {
    return;
  }
  if (std::holds_alternative<run::Progress>(event)) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_progress_ < k_between_progress) {
      return;
    }
    last_progress_ = now;
  }
  if (const auto* finding = std::get_if<run::Finding>(&event)) {
    notice(*finding);
  }
  const auto* finished = std::get_if<run::RunFinished>(&event);
  has_result_ = finished != nullptr;
  output_.write(finished != nullptr ? json_line(explained(*finished)) : json_line(event));
}

void JsonReporter::notice(const run::Finding& finding) {
  if (finding.severity == run::Severity::error &&
      (!first_error_ || stands_before(finding, *first_error_))) {
    first_error_ = finding;
  }
}

// "stage upload found 2 errors" helps nobody who reads the last line alone.
run::RunFinished JsonReporter::explained(run::RunFinished finished) const {
  if (first_error_ && is_told_by_findings(finished)) {
    const std::string place = place_of(*first_error_);
    finished.error.message = (place.empty() ? "" : place + ": ") + first_error_->message;
    finished.error.hint = first_error_->hint;
    if (finished.errors > 1) {
      finished.error.message +=
          fmt::format(" (and {})", count_of(finished.errors - 1, "more error"));
    }
  }
  return finished;
}

void JsonReporter::note(const std::string& text) {
  on_event(run::LogLine{run::LogLevel::info, "deployflow", text});
}

void JsonReporter::refuse(const Refusal& refusal) {
  const std::lock_guard lock(mutex_);
  has_result_ = true;
  output_.write(json_line(refusal));
}

}  // namespace deployflow::cli
