#include "cli/pipeline_edit.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::cli {

using pipeline::Pipeline;
using pipeline::Value;

namespace {

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    names.push_back(name);
  }
}

}  // namespace

Value text_value(std::string text) {
  Value value;
  value.kind = Value::Kind::string;
  value.text = std::move(text);
  value.quoted = true;
  return value;
}

Value plain_value(std::string text) {
  Value value = text_value(std::move(text));
  value.quoted = false;
  return value;
}

Value list_value(const std::vector<std::string>& texts) {
  Value list;
  list.kind = Value::Kind::list;
  for (const std::string& text : texts) {
    list.list.push_back(text_value(text));
  }
  return list;
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

pipeline::Stage make_stage(std::string uses, std::string id) {
  pipeline::Stage stage;
  stage.uses = std::move(uses);
  stage.id = std::move(id);
  stage.with.kind = Value::Kind::map;
  return stage;
}

std::string free_id(const Pipeline& pipeline, const std::string& id) {
  const auto is_taken = [&](const std::string& name) {
    return std::any_of(pipeline.stages.begin(), pipeline.stages.end(), [&](const auto& stage) {
      return stage.id == name;
    });
  };
  std::string name = id;
  for (int number = 2; is_taken(name); ++number) {
    name = fmt::format("{}-{}", id, number);
  }
  return name;
}

bool is_upload(const pipeline::Stage& stage) {
  return stage.uses == "upload";
}

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

}  // namespace deployflow::cli
