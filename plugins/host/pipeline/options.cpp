#include "plugins/host/base/text.hpp"
#include "plugins/host/pipeline/check.hpp"
#include "plugins/host/pipeline/pipeline.hpp"
#include "plugins/host/pipeline/schema.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstring>

namespace deployflow::pipeline {
namespace {

constexpr std::size_t k_longest_schema = std::size_t{1}
                                         << 20U;  // far over what parse_schema() takes

Result<Schema> parse_options_schema(const char* schema) {
  if (schema == nullptr) {
    Schema none;
    none.types = type::k_object;
    return none;
  }
  return parse_schema({schema, strnlen(schema, k_longest_schema)});
}

// The type of the stage whose options these are, for messages.
std::string owner(const Value& with, const Pipeline& pipeline) {
  for (const Stage& stage : pipeline.stages) {
    if (&stage.with == &with) {
      return fmt::format(" of stage \"{}\"", stage.uses);
    }
  }
  return {};
}

std::string one_line(const Value& value) {
  if (value.kind == Value::Kind::list) {
    std::vector<std::string> entries;
    for (const Value& entry : value.list) {
      entries.push_back(one_line(entry));
    }
    return fmt::format("[{}]", fmt::join(entries, ", "));
  }
  if (value.kind == Value::Kind::map) {
    return value.map.empty() ? "{}" : "{...}";
  }
  return value.text.empty() ? "\"\"" : value.text;
}

std::string type_words(const Schema& schema) {
  std::vector<std::string> words;
  for (const Schema& alternative : schema.alternatives) {
    words.push_back(type_words(alternative));
  }
  for (const Value& allowed : schema.allowed) {
    words.push_back(allowed.text);
  }
  if (!words.empty()) {
    return fmt::format("{}", fmt::join(words, " | "));
  }
  switch (schema.format) {
    case Format::bytes:
      return "size";
    case Format::duration:
      return "duration";
    case Format::glob:
      return "pattern";
    case Format::path:
      return "path";
    case Format::target:
      return "target";
    case Format::none:
      break;
  }
  const auto add = [&](unsigned bit, const std::string& word) {
    if ((schema.types & bit) != 0) {
      words.push_back(word);
    }
  };
  add(type::k_string, "text");
  add(type::k_integer, "integer");
  add(type::k_number, "number");
  add(type::k_boolean, "true | false");
  add(type::k_array,
      schema.items.empty() ? "list" : fmt::format("list of {}", type_words(schema.items[0])));
  add(type::k_object, "map");
  return words.empty() ? "any" : fmt::format("{}", fmt::join(words, " | "));
}

}  // namespace

Diagnostics check_options(Value& with,
                          const char* schema,
                          const Pipeline& pipeline,
                          const std::string& label,
                          Diagnostics* warnings) {
  const auto parsed = parse_options_schema(schema);
  if (!parsed.ok()) {
    return {{with.at,
             printable(fmt::format("{}: the option schema{} is broken: {}",
                                   label,
                                   owner(with, pipeline),
                                   parsed.error().message)),
             "this is a bug of the plugin"}};
  }
  CheckContext context;
  context.targets.emplace();
  for (const Target& target : pipeline.targets) {
    context.targets->push_back(target.config.name);
  }
  context.folder = pipeline.folder;
  context.warnings = warnings;
  Diagnostics diagnostics = check_value(with, *parsed, label, context);
  tidy(diagnostics);
  return diagnostics;
}

Result<std::vector<OptionHelp>> describe_options(const char* schema) {
  TRY_ASSIGN(const Schema parsed, parse_options_schema(schema));
  std::vector<OptionHelp> out;
  for (const auto& [name, property] : parsed.properties) {
    OptionHelp help;
    help.name = name;
    help.type = type_words(property);
    help.fallback = property.fallback ? one_line(*property.fallback) : "";
    help.description = property.description;
    help.required =
        std::find(parsed.required.begin(), parsed.required.end(), name) != parsed.required.end();
    help.deprecated = property.deprecated;
    out.push_back(std::move(help));
  }
  return out;
}

}  // namespace deployflow::pipeline
