#include "cli/plan_file.hpp"
#include "cli/plan_format.hpp"
#include "plugins/host/base/text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace deployflow::cli {
namespace {

using Json = nlohmann::json;

constexpr int k_deepest = 16;  // levels; a plan has seven

Error wrong(std::string what) {
  return {Errc::config, std::move(what), "make a new plan with `deployflow plan --out FILE`"};
}

/// An object of which every member is known, and is asked for by its type.
class Reader {
 public:
  /// `where` names it in messages: "stages[0].targets[1]".
  static Result<Reader> open(const Json& json,
                             std::string where,
                             std::initializer_list<std::string_view> known) {
    if (!json.is_object()) {
      return wrong(fmt::format("{} is not an object", where));
    }
    for (const auto& item : json.items()) {
      if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
        return wrong(fmt::format(
            "{} has an unknown member {}", where.empty() ? "it" : where, printable(item.key())));
      }
    }
    return Reader(json, std::move(where));
  }

  [[nodiscard]] const Json* find(const char* name) const {
    const auto found = json_->find(name);
    return found == json_->end() ? nullptr : &*found;
  }
  /// Empty if it is absent; never present and empty.
  [[nodiscard]] Result<std::string> optional_text(const char* name) const {
    const Json* value = find(name);
    if (value == nullptr) {
      return std::string();
    }
    if (!value->is_string() || value->get_ref<const std::string&>().empty()) {
      return wrong(fmt::format("{} is not a text", at(name)));
    }
    return value->get<std::string>();
  }
  [[nodiscard]] Result<std::string> text(const char* name) const {
    TRY_ASSIGN(std::string text, optional_text(name));
    return text.empty() ? Result<std::string>(wrong(fmt::format("{} is missing", at(name))))
                        : Result<std::string>(std::move(text));
  }
  [[nodiscard]] Result<std::string> digest(const char* name) const {
    TRY_ASSIGN(std::string hex, text(name));
    TRY(check_digest(name, hex));
    return hex;
  }
  [[nodiscard]] Result<std::string> optional_digest(const char* name) const {
    TRY_ASSIGN(std::string hex, optional_text(name));
    if (!hex.empty()) {
      TRY(check_digest(name, hex));
    }
    return hex;
  }
  [[nodiscard]] Result<std::uint64_t> count(const char* name) const {
    const Json* value = find(name);
    if (value == nullptr || !value->is_number_unsigned()) {
      return wrong(fmt::format("{} is not a count", at(name)));
    }
    return value->get<std::uint64_t>();
  }
  [[nodiscard]] Result<const Json*> list(const char* name) const {
    const Json* value = find(name);
    if (value == nullptr || !value->is_array()) {
      return wrong(fmt::format("{} is not a list", at(name)));
    }
    return value;
  }
  [[nodiscard]] std::string at(std::string_view name) const {
    return where_.empty() ? std::string(name) : fmt::format("{}.{}", where_, name);
  }

 private:
  Reader(const Json& json, std::string where) : json_(&json), where_(std::move(where)) {}

  [[nodiscard]] Result<void> check_digest(const char* name, const std::string& hex) const {
    constexpr std::size_t k_digits = 64;
    if (hex.size() != k_digits || hex.find_first_not_of("0123456789abcdef") != std::string::npos) {
      return wrong(fmt::format("{} is not a SHA-256", at(name)));
    }
    return {};
  }

  const Json* json_;
  std::string where_;
};

Result<Asked> read_asked(const Json& json) {
  TRY_ASSIGN(
      const Reader reader,
      Reader::open(
          json,
          "asked",
          {"site", "name", "to", "endpoint_url", "region", "profile", "url", "config", "plugins"}));
  Asked asked;
  for (const auto& [name, member] : k_asked) {
    TRY_ASSIGN(asked.*member, reader.optional_text(name));
  }
  if (reader.find("plugins") != nullptr) {
    TRY_ASSIGN(const Json* plugins, reader.list("plugins"));
    for (const Json& plugin : *plugins) {
      if (!plugin.is_string() || plugin.get_ref<const std::string&>().empty()) {
        return wrong("asked.plugins holds what is not a text");
      }
      asked.plugins.push_back(plugin.get<std::string>());
    }
  }
  return asked;
}

std::optional<run::Action> action_of(std::string_view op) {
  for (const run::Action action : {run::Action::put,
                                   run::Action::update,
                                   run::Action::headers,
                                   run::Action::copy,
                                   run::Action::remove,
                                   run::Action::setting}) {
    if (run::op_name(action) == op) {
      return action;
    }
  }
  return std::nullopt;
}

Result<run::PlannedChange> read_change(const Json& json, std::string where) {
  TRY_ASSIGN(const Reader reader,
             Reader::open(json, std::move(where), {"op", "key", "bytes", "reason", "file_sha256"}));
  run::PlannedChange change;
  TRY_ASSIGN(const std::string op, reader.text("op"));
  const auto action = action_of(op);
  if (!action) {
    return wrong(fmt::format("{} is none of put, update, headers, copy, delete", reader.at("op")));
  }
  change.action = *action;
  TRY_ASSIGN(change.key, reader.text("key"));
  TRY_ASSIGN(change.size, reader.count("bytes"));
  TRY_ASSIGN(change.reason, reader.optional_text("reason"));
  TRY_ASSIGN(change.file_sha256, reader.optional_digest("file_sha256"));
  return change;
}

// They are there for people, who must not be shown others than what is done.
Result<void> check_totals(const Json& json,
                          const std::string& where,
                          const run::PlanTotals& expected) {
  TRY_ASSIGN(
      const Reader reader,
      Reader::open(json, where, {"new", "changed", "headers", "copy", "delete", "same", "bytes"}));
  for (const auto& [name, member] : k_totals) {
    TRY_ASSIGN(const std::uint64_t count, reader.count(name));
    if (count != expected.*member) {
      return wrong(fmt::format("{} does not fit the changes", reader.at(name)));
    }
  }
  return {};
}

Result<run::TargetPlan> read_target(const Json& json,
                                    const std::string& where,
                                    const run::StagePlan& stage) {
  TRY_ASSIGN(
      const Reader reader,
      Reader::open(json, where, {"target", "location", "endpoint", "base", "totals", "changes"}));
  run::TargetPlan target;
  TRY_ASSIGN(target.target, reader.text("target"));
  TRY_ASSIGN(target.display, reader.optional_text("location"));
  TRY_ASSIGN(target.endpoint, reader.optional_text("endpoint"));
  TRY_ASSIGN(target.base, reader.optional_text("base"));
  TRY_ASSIGN(const Json* changes, reader.list("changes"));
  for (const Json& change : *changes) {
    TRY_ASSIGN(run::PlannedChange read,
               read_change(change, fmt::format("{}.changes[{}]", where, target.changes.size())));
    if (!target.changes.empty()) {
      const run::PlannedChange& last = target.changes.back();
      if (std::tie(last.key, last.action) >= std::tie(read.key, read.action)) {
        return wrong(fmt::format("{}.changes are not in order", where));
      }
    }
    target.changes.push_back(std::move(read));
  }
  const Json* totals = reader.find("totals");
  const Json* same = totals != nullptr && totals->is_object() && totals->contains("same")
                         ? &totals->at("same")
                         : nullptr;
  if (same == nullptr || !same->is_number_unsigned()) {
    return wrong(fmt::format("{}.totals.same is not a count", where));
  }
  target.kept = same->get<std::uint64_t>();
  TRY(check_totals(*totals, where + ".totals", run::totals_of(stage, target)));
  return target;
}

Result<run::StagePlan> read_stage(const Json& json, const std::string& where) {
  TRY_ASSIGN(const Reader reader, Reader::open(json, where, {"stage", "site_sha256", "targets"}));
  run::StagePlan stage;
  TRY_ASSIGN(stage.stage, reader.text("stage"));
  TRY_ASSIGN(stage.site_sha256, reader.digest("site_sha256"));
  TRY_ASSIGN(const Json* targets, reader.list("targets"));
  for (const Json& target : *targets) {
    TRY_ASSIGN(
        run::TargetPlan read,
        read_target(target, fmt::format("{}.targets[{}]", where, stage.targets.size()), stage));
    if (!stage.targets.empty() && stage.targets.back().target >= read.target) {
      return wrong(fmt::format("{}.targets are not in order", where));
    }
    stage.targets.push_back(std::move(read));
  }
  return stage;
}

Result<run::Plan> read_stages(const Json& list) {
  run::Plan plan;
  for (const Json& one : list) {
    TRY_ASSIGN(run::StagePlan stage,
               read_stage(one, fmt::format("stages[{}]", plan.stages.size())));
    const bool is_known =
        std::any_of(plan.stages.begin(), plan.stages.end(), [&](const run::StagePlan& other) {
          return other.stage == stage.stage;
        });
    if (is_known) {
      return wrong(fmt::format("two stages are called {}", printable(stage.stage)));
    }
    plan.stages.push_back(std::move(stage));
  }
  return plan;
}

/// A tree of the text, or why there is none. A name that stands twice in an object is an error: a
/// person may look at the one and we at the other.
Result<Json> parse(std::string_view text) {
  if (text.size() > k_largest_plan_file) {
    return wrong(fmt::format("it is over {}", format_bytes(k_largest_plan_file)));
  }
  std::vector<std::set<std::string>> names;  // of the objects that are open
  bool is_twice = false, is_deep = false;
  const auto look = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) {
      names.emplace_back();
    } else if (event == Json::parse_event_t::object_end && !names.empty()) {
      names.pop_back();
    } else if (event == Json::parse_event_t::key && !names.empty()) {
      is_twice = !names.back().insert(parsed.get<std::string>()).second || is_twice;
    }
    is_deep = is_deep || depth > k_deepest;
    return depth <= k_deepest;
  };
  Json json = Json::parse(text, look, /*allow_exceptions=*/false);
  if (json.is_discarded() || is_deep || !json.is_object() || !json.contains(k_format_name)) {
    return wrong("it is not a plan of deployflow");
  }
  return is_twice ? Result<Json>(wrong("a name stands twice in one object"))
                  : Result<Json>(std::move(json));
}

Result<void> check_format(const Json& json) {
  const Json& format = json.at(k_format_name);
  if (!format.is_number_unsigned() || format.get<std::uint64_t>() == 0) {
    return wrong("it is not a plan of deployflow");
  }
  if (format.get<std::uint64_t>() > k_format) {
    return Error{Errc::config,
                 fmt::format("it was made by a later version of deployflow (format {})",
                             format.get<std::uint64_t>()),
                 "apply it with the version that made it"};
  }
  return {};
}

}  // namespace

Result<PlanFile> read_plan_file(std::string_view text) {
  TRY_ASSIGN(const Json json, parse(text));
  TRY(check_format(json));
  TRY_ASSIGN(
      const Reader reader,
      Reader::open(
          json, "", {k_format_name, "deployflow", "made", "run", "asked", "pipeline", "stages"}));
  PlanFile file;
  TRY_ASSIGN(file.version, reader.text("deployflow"));
  TRY_ASSIGN(file.made, reader.text("made"));
  TRY_ASSIGN(file.run, reader.text("run"));
  const Json* asked = reader.find("asked");
  if (asked == nullptr) {
    return wrong("asked is missing");
  }
  TRY_ASSIGN(file.asked, read_asked(*asked));
  if (const Json* pipeline = reader.find("pipeline")) {
    TRY_ASSIGN(const Reader named, Reader::open(*pipeline, "pipeline", {"file", "sha256"}));
    TRY_ASSIGN(file.pipeline, named.text("file"));
    TRY_ASSIGN(file.pipeline_sha256, named.digest("sha256"));
  }
  TRY_ASSIGN(const Json* stages, reader.list("stages"));
  TRY_ASSIGN(file.plan, read_stages(*stages));
  return file;
}

}  // namespace deployflow::cli
