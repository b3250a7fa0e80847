#include "cli/option_schema.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace deployflow::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text_member(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string as_yaml(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The choices of `enum`, or of `oneOf` whose members are constants.
std::vector<std::string> choices_of(const Json& schema) {
  std::vector<std::string> choices;
  if (const auto list = schema.find("enum"); list != schema.end() && list->is_array()) {
    for (const Json& value : *list) {
      choices.push_back(as_yaml(value));
    }
  }
  if (const auto list = schema.find("oneOf"); list != schema.end() && list->is_array()) {
    for (const Json& one : *list) {
      if (one.is_object() && one.contains("const")) {
        choices.push_back(as_yaml(one["const"]));
      }
    }
  }
  return choices;
}

std::string type_of(const Json& schema) {
  const std::vector<std::string> choices = choices_of(schema);
  if (!choices.empty()) {
    std::string text = "one of ";
    for (const std::string& choice : choices) {
      text += (&choice == choices.data() ? "" : ", ") + choice;
    }
    return text;
  }
  const std::string format = text_member(schema, "format");
  const std::string type = text_member(schema, "type");
  if (type == "array") {
    const auto items = schema.find("items");
    const bool known = items != schema.end() && items->is_object();
    return known ? "list of " + type_of(*items) : "list";
  }
  if (type == "object") {
    return "map";
  }
  return !format.empty() ? format : type.empty() ? "any" : type;
}

bool is_required(const Json& schema, const std::string& name) {
  const auto list = schema.find("required");
  return list != schema.end() && list->is_array() &&
         std::any_of(list->begin(), list->end(), [&](const Json& one) { return one == name; });
}

}  // namespace

std::vector<StageOption> read_options(const char* schema) {
  std::vector<StageOption> options;
  const Json json = schema != nullptr ? Json::parse(schema, nullptr, false) : Json();
  const auto properties = json.is_object() ? json.find("properties") : json.end();
  if (!json.is_object() || properties == json.end() || !properties->is_object()) {
    return options;
  }
  for (const auto& [name, property] : properties->items()) {
    if (!property.is_object()) {
      continue;
    }
    StageOption option{
        name, type_of(property), is_required(json, name), {}, text_member(property, "description")};
    if (const auto fallback = property.find("default"); fallback != property.end()) {
      option.fallback = as_yaml(*fallback);
    }
    options.push_back(std::move(option));
  }
  return options;
}

nlohmann::ordered_json to_json(const StageOption& option) {
  Json json{{"name", option.name}, {"type", option.type}, {"required", option.required}};
  if (!option.fallback.empty()) {
    json["default"] = option.fallback;
  }
  if (!option.description.empty()) {
    json["description"] = option.description;
  }
  return json;
}

}  // namespace deployflow::cli
