#include "plugins/host/base/digest.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/pipeline/check.hpp"
#include "plugins/host/pipeline/file_schema.hpp"
#include "plugins/host/pipeline/paths.hpp"
#include "plugins/host/pipeline/pipeline.hpp"
#include "plugins/host/pipeline/state_rules.hpp"
#include "plugins/host/pipeline/target_reader.hpp"
#include "plugins/host/pipeline/target_rules.hpp"
#include "plugins/host/pipeline/variables.hpp"
#include "plugins/host/pipeline/yaml_reader.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace deployflow::pipeline {
namespace {

// Keys under which people try to put credentials into a target.
bool names_a_credential(std::string_view key) {
  static constexpr std::array<std::string_view, 17> k_names{"accesskey",
                                                            "accesskeyid",
                                                            "apikey",
                                                            "awsaccesskeyid",
                                                            "awssecretaccesskey",
                                                            "awssessiontoken",
                                                            "credential",
                                                            "credentials",
                                                            "key",
                                                            "keyid",
                                                            "passwd",
                                                            "password",
                                                            "secret",
                                                            "secretaccesskey",
                                                            "secretkey",
                                                            "sessiontoken",
                                                            "token"};
  std::string bare;
  for (const char c : key) {
    if (c != '_' && c != '-' && c != '.' && c != ' ') {
      bare += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
  }
  return std::find(k_names.begin(), k_names.end(), bare) != k_names.end();
}

std::optional<Diagnostic> credential_in_file(const std::string& label, std::string_view key) {
  if ((!label.empty() && label.rfind("targets", 0) != 0) || !names_a_credential(key)) {
    return std::nullopt;
  }
  return Diagnostic{{},
                    labelled(key_label(label, key), "credentials never go into this file"),
                    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or name a "
                    "profile of ~/.aws with \"profile\""};
}

// Takes a checked tree apart. What the schema found broken is passed over, not reported again.
class PipelineBuilder {
 public:
  PipelineBuilder(Pipeline& pipeline, Diagnostics& out) : pipeline_(pipeline), out_(out) {}

  void build(Value& root) {
    if (const Value* site = root.usable("site")) {
      pipeline_.site = site->text == "-" ? site->text : resolve_path(pipeline_.folder, site->text);
    }
    if (const Value* plugins = root.usable("plugins")) {
      add_plugins(*plugins);
    }
    if (const Value* targets = root.usable("targets")) {
      for (std::size_t i = 0; i < targets->map.size(); ++i) {
        add_target(targets->map[i].first, targets->map[i].second, targets->key_positions[i]);
      }
      check_states(pipeline_.targets, *targets, out_);
    }
    for (auto& [key, value] : root.map) {
      if (key == "stages" && !value.broken) {
        add_stages(value);
      }
    }
  }

 private:
  void report(Position at,
              const std::string& label,
              std::string_view message,
              std::string hint = {}) {
    out_.push_back({at, labelled(label, message), std::move(hint)});
  }

  void add_plugins(const Value& plugins) {
    for (const Value& entry : plugins.list) {
      const Value* path = entry.kind == Value::Kind::map ? entry.usable("path") : &entry;
      if (path != nullptr && !path->broken && !entry.broken) {
        pipeline_.plugins.push_back({path->text, path->at});
      }
    }
  }

  void add_target(const std::string& name, const Value& value, Position at) {
    const std::string label = key_label("targets", name);
    if (!is_target_name(name)) {
      report(at,
             label,
             "the name of a target is made of letters, digits, \"_\" and \"-\"",
             name.find("${") != std::string::npos ? "variables are replaced in values, not in keys"
                                                  : "");
    }
    if (value.broken) {
      return;
    }
    pipeline_.targets.push_back({read_target(name, value, out_), at});
  }

  void add_stages(Value& stages) {
    for (std::size_t i = 0; i < stages.list.size(); ++i) {
      Value& entry = stages.list[i];
      const Value* uses = entry.broken ? nullptr : entry.usable("uses");
      if (uses == nullptr) {
        continue;
      }
      Stage stage;
      stage.uses = uses->text;
      stage.uses_at = uses->at;
      stage.id = claim_id(entry, *uses, i);
      stage.with.kind = Value::Kind::map;
      stage.with.at = entry.at;
      for (auto& [key, value] : entry.map) {
        if (key == "with") {
          stage.with = std::move(value);
        }
      }
      pipeline_.stages.push_back(std::move(stage));
    }
  }

  std::string claim_id(const Value& entry, const Value& uses, std::size_t index) {
    const std::string label = fmt::format("stages[{}]", index);
    const Value* written = entry.find("id");
    if (written != nullptr && written->broken) {
      return {};
    }
    const Value& id = written == nullptr ? uses : *written;
    const auto [first, fresh] = ids_.emplace(id.text, index);
    if (!fresh && written == nullptr) {
      report(
          uses.at,
          label,
          fmt::format("another stage is called {} already (stages[{}])", quoted(id), first->second),
          "give this one a name of its own with \"id\"");
    } else if (!fresh) {
      report(id.at,
             label + ".id",
             fmt::format(
                 "another stage is called {} already (stages[{}])", quoted(id), first->second));
    }
    return id.text;
  }

  static std::string quoted(const Value& value) {
    return value.from_variable ? "that" : fmt::format("\"{}\"", value.text);
  }

  Pipeline& pipeline_;
  Diagnostics& out_;
  std::map<std::string, std::size_t> ids_;  // id -> index of the stage that has it
};

void append(Diagnostics& out, Diagnostics more) {
  for (auto& diagnostic : more) {
    out.push_back(std::move(diagnostic));
  }
}

}  // namespace

Parsed parse_pipeline(std::string_view text,
                      std::string file,
                      std::string folder,
                      const Lookup& lookup) {
  Parsed parsed;
  YamlDocument document = read_yaml(text);
  parsed.diagnostics = std::move(document.diagnostics);
  if (document.root) {
    Value& root = *document.root;
    substitute_variables(root, document.source, lookup, parsed.diagnostics);
    CheckContext context;
    context.folder = folder;
    context.noun = "key";
    context.unknown_key = credential_in_file;
    append(parsed.diagnostics, check_value(root, file_schema(), "", context));
    Pipeline pipeline;
    pipeline.file = std::move(file);
    pipeline.sha256 = to_hex(sha256(text));
    pipeline.folder = std::move(folder);
    PipelineBuilder(pipeline, parsed.diagnostics).build(root);
    if (parsed.diagnostics.empty()) {
      parsed.pipeline = std::move(pipeline);
    }
  }
  tidy(parsed.diagnostics);
  return parsed;
}

}  // namespace deployflow::pipeline
