#include "cli/plan_file.hpp"
#include "cli/plan_format.hpp"
#include "cli/ui/json_text.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace deployflow::cli {
namespace {

using Json = nlohmann::ordered_json;

// Absent rather than empty, as in all JSON of ours.
void add_text(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) {
    json[name] = text;
  }
}

Json asked_json(const Asked& asked) {
  Json json = Json::object();
  for (const auto& [name, member] : k_asked) {
    add_text(json, name, asked.*member);
  }
  if (!asked.plugins.empty()) {
    json["plugins"] = asked.plugins;
  }
  return json;
}

Json totals_json(const run::PlanTotals& totals) {
  Json json = Json::object();
  for (const auto& [name, member] : k_totals) {
    json[name] = totals.*member;
  }
  return json;
}

Json change_json(const run::PlannedChange& change) {
  Json json{{"op", run::op_name(change.action)}, {"key", change.key}, {"bytes", change.size}};
  add_text(json, "reason", change.reason);
  add_text(json, "file_sha256", change.file_sha256);
  return json;
}

/// Objects and lists over several lines, down to those that stand on one.
class Page {
 public:
  void open(char bracket) {
    text_ += bracket;
    inner_ += 2;
    is_first_ = true;
  }
  void close(char bracket) {
    inner_ -= 2;
    if (!is_first_) {
      break_line();
    }
    text_ += bracket;
    is_first_ = false;
  }
  void name(std::string_view name) {
    item();
    text_ += to_text(Json(name)) + ": ";
  }
  void member(std::string_view of, const Json& value) {
    name(of);
    text_ += to_text(value);
  }
  void text(std::string_view of, const std::string& value) {
    if (!value.empty()) {
      member(of, value);
    }
  }
  void item() {
    text_ += is_first_ ? "" : ",";
    break_line();
    is_first_ = false;
  }
  void put(const Json& value) { text_ += to_text(value); }
  std::string take() { return std::move(text_) + "\n"; }

 private:
  void break_line() { text_ += "\n" + std::string(inner_, ' '); }

  std::string text_;
  std::size_t inner_ = 0;
  bool is_first_ = true;
};

void add_target(Page& page, const run::StagePlan& stage, const run::TargetPlan& target) {
  page.item();
  page.open('{');
  page.member("target", target.target);
  page.text("location", target.display);
  page.text("endpoint", target.endpoint);
  page.text("base", target.base);
  page.member("totals", totals_json(run::totals_of(stage, target)));
  page.name("changes");
  page.open('[');
  for (const run::PlannedChange& change : target.changes) {
    page.item();
    page.put(change_json(change));
  }
  page.close(']');
  page.close('}');
}

void add_stage(Page& page, const run::StagePlan& stage) {
  page.item();
  page.open('{');
  page.member("stage", stage.stage);
  page.member("site_sha256", stage.site_sha256);
  page.name("targets");
  page.open('[');
  for (const run::TargetPlan& target : stage.targets) {
    add_target(page, stage, target);
  }
  page.close(']');
  page.close('}');
}

}  // namespace

std::string write_plan_file(const PlanFile& file) {
  Page page;
  page.open('{');
  page.member(k_format_name, k_format);
  page.member("deployflow", file.version);
  page.member("made", file.made);
  page.member("run", file.run);
  page.member("asked", asked_json(file.asked));
  if (!file.pipeline.empty()) {
    page.member("pipeline", Json{{"file", file.pipeline}, {"sha256", file.pipeline_sha256}});
  }
  page.name("stages");
  page.open('[');
  for (const run::StagePlan& stage : file.plan.stages) {
    add_stage(page, stage);
  }
  page.close(']');
  page.close('}');
  return page.take();
}

}  // namespace deployflow::cli
