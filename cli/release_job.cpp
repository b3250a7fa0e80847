#include "cli/release_job.hpp"

#include "cli/options.hpp"
#include "cli/target_choice.hpp"
#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace deployflow::cli {
namespace {

using pipeline::Pipeline;
using pipeline::Value;

Value text_value(std::string text) {
  Value value;
  value.kind = Value::Kind::string;
  value.text = std::move(text);
  value.quoted = true;
  return value;
}

// As it would stand in a file without quotes: a number stays one.
Value plain_value(std::string text) {
  Value value = text_value(std::move(text));
  value.quoted = false;
  return value;
}

void set_option(pipeline::Stage& stage, const std::string& name, Value value) {
  stage.with.kind = Value::Kind::map;
  for (auto& [key, old] : stage.with.map) {
    if (key == name) {
      old = std::move(value);
      return;
    }
  }
  stage.with.map.emplace_back(name, std::move(value));
  stage.with.key_positions.emplace_back();
}

const Value* option_of(const pipeline::Stage& stage, std::string_view name) {
  for (const auto& [key, value] : stage.with.map) {
    if (key == name) {
      return &value;
    }
  }
  return nullptr;
}

bool is_upload(const pipeline::Stage& stage) {
  return stage.uses == "upload";
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    names.push_back(name);
  }
}

// The targets that the uploads name; all, if there is no upload: a pipeline of other stages.
std::vector<std::string> upload_targets(const Pipeline& pipeline) {
  std::vector<std::string> names;
  for (const auto& stage : pipeline.stages) {
    const Value* to = is_upload(stage) ? option_of(stage, "to") : nullptr;
    if (to != nullptr && to->kind == Value::Kind::string) {
      add_once(names, to->text);
    }
    for (const Value& one : to != nullptr ? to->list : std::vector<Value>()) {
      add_once(names, one.text);
    }
  }
  if (names.empty()) {
    for (const auto& target : pipeline.targets) {
      names.push_back(target.config.name);
    }
  }
  return names;
}

// What all uploads say of an option; nullptr if one says nothing, or another thing.
const Value* said_by_all_uploads(const Pipeline& pipeline, std::string_view option) {
  const Value* said = nullptr;
  for (const auto& stage : pipeline.stages) {
    const Value* value = is_upload(stage) ? option_of(stage, option) : nullptr;
    if (is_upload(stage) && (value == nullptr || (said != nullptr && said->text != value->text))) {
      return nullptr;
    }
    said = value != nullptr ? value : said;
  }
  return said;
}

// Names of the words of a command, as options of its stage.
std::vector<const char*> word_options(Command command) {
  switch (command) {
    case Command::rollback:
      return {"release"};
    case Command::diff:
      return {"from", "to"};
    case Command::unlock:
      return {"run"};
    default:
      return {};
  }
}

// What comes before the site is stored, but for the checks: it may change headers. Then the
// upload's own options, asked about one key.
Pipeline explain_pipeline(const CommandLine& line, Pipeline pipeline) {
  const auto upload = std::find_if(pipeline.stages.begin(), pipeline.stages.end(), is_upload);
  pipeline::Stage explain;
  if (upload != pipeline.stages.end()) {
    explain = *upload;
  }
  pipeline.stages.erase(upload, pipeline.stages.end());
  std::erase_if(pipeline.stages, [](const auto& stage) { return stage.uses == "validate"; });
  explain.id = explain.uses = "explain";
  set_option(explain, "key", text_value(line.words.front()));
  pipeline.stages.push_back(std::move(explain));
  return pipeline;
}

}  // namespace

bool is_about_releases(Command command) {
  switch (command) {
    case Command::releases:
    case Command::rollback:
    case Command::diff:
    case Command::prune:
    case Command::unlock:
      return true;
    default:
      return false;
  }
}

void set_wait(Pipeline& pipeline, const std::string& wait) {
  for (auto& stage : pipeline.stages) {
    if (is_upload(stage) || stage.uses == "rollback" || stage.uses == "replicate") {
      set_option(stage, "wait", plain_value(wait));
    }
  }
}

Result<Pipeline, Refusal> release_pipeline(const CommandLine& line, Pipeline pipeline) {
  const std::string name = row_of(line.command).name;
  const bool needs_word = line.command == Command::diff || line.command == Command::explain;
  if (needs_word && line.words.empty()) {
    return Refusal{
        {Errc::usage,
         fmt::format("{} needs a {}", name, line.command == Command::diff ? "release" : "key"),
         fmt::format("usage: deployflow {} {}", name, row_of(line.command).arguments)},
        {},
        {}};
  }
  if (line.command == Command::explain) {
    return explain_pipeline(line, std::move(pipeline));
  }
  std::vector<std::string> targets = upload_targets(pipeline);
  if (!line.target.empty()) {
    auto chosen = choose_targets(line, pipeline, line.target);
    if (!chosen) {
      return std::move(chosen.error());
    }
    targets = {line.target};
  }
  pipeline::Stage stage;
  stage.id = stage.uses = name;
  Value in;
  in.kind = Value::Kind::list;
  for (const std::string& target : targets) {
    in.list.push_back(text_value(target));
  }
  set_option(stage, "in", std::move(in));
  const auto words = word_options(line.command);
  for (std::size_t i = 0; i < std::min(words.size(), line.words.size()); ++i) {
    set_option(stage, words[i], text_value(line.words[i]));
  }
  if (!line.keep.empty()) {
    set_option(stage, "keep", plain_value(line.keep));
  }
  if (line.command == Command::rollback) {
    if (const Value* keep = said_by_all_uploads(pipeline, "keep_contents")) {
      set_option(stage, "keep_contents", *keep);
    }
    // Copies of the site follow it.
    std::erase_if(pipeline.stages, [](const auto& one) { return one.uses != "replicate"; });
    pipeline.stages.insert(pipeline.stages.begin(), std::move(stage));
  } else {
    pipeline.plugins.clear();  // none of their stages will run
    pipeline.stages = {std::move(stage)};
  }
  if (!line.wait.empty()) {
    set_wait(pipeline, line.wait);
  }
  return pipeline;
}

}  // namespace deployflow::cli
