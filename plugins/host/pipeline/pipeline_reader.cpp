#include "plugins/host/base/text.hpp"
#include "plugins/host/pipeline/check.hpp"
#include "plugins/host/pipeline/file_schema.hpp"
#include "plugins/host/pipeline/paths.hpp"
#include "plugins/host/pipeline/pipeline.hpp"
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
    if (const Value* site = usable(root, "site")) {
      pipeline_.site = site->text == "-" ? site->text : resolve_path(pipeline_.folder, site->text);
    }
    if (const Value* plugins = usable(root, "plugins")) {
      add_plugins(*plugins);
    }
    if (const Value* targets = usable(root, "targets")) {
      for (std::size_t i = 0; i < targets->map.size(); ++i) {
        add_target(targets->map[i].first, targets->map[i].second, targets->key_positions[i]);
      }
    }
    for (auto& [key, value] : root.map) {
      if (key == "stages" && !value.broken) {
        add_stages(value);
      }
    }
  }

 private:
  static const Value* usable(const Value& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr || value->broken ? nullptr : value;
  }

  void report(Position at,
              const std::string& label,
              std::string_view message,
              std::string hint = {}) {
    out_.push_back({at, labelled(label, message), std::move(hint)});
  }

  void add_plugins(const Value& plugins) {
    for (const Value& entry : plugins.list) {
      const Value* path = entry.kind == Value::Kind::map ? usable(entry, "path") : &entry;
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
    Target target;
    target.at = at;
    store::TargetConfig& config = target.config;
    config.name = name;
    put(config.endpoint, value, label, "endpoint", normal_endpoint);
    put(config.bucket, value, label, "bucket", normal_bucket);
    put(config.prefix, value, label, "prefix", normal_prefix);
    put(config.url, value, label, "url", normal_site_url);
    put(config.region, value, label, "region", single_line);
    put(config.profile, value, label, "profile", single_line);
    put(config.ca_file, value, label, "ca_file", single_line);
    add_storage(config, value, label);
    put(config.client_cert_file, value, label, "client_cert_file", single_line);
    put(config.client_key_file, value, label, "client_key_file", single_line);
    if (const Value* stall_timeout = usable(value, "stall_timeout")) {
      config.stall_timeout = std::chrono::milliseconds(stall_timeout->integer);
    }
    if (const Value* anonymous = usable(value, "anonymous")) {
      config.anonymous = anonymous->boolean;
    }
    if (const Value* addressing = usable(value, "addressing")) {
      config.addressing = addressing->text == "path"      ? store::Addressing::path
                          : addressing->text == "virtual" ? store::Addressing::virtual_host
                                                          : store::Addressing::automatic;
    }
    if (config.anonymous && value.find("profile") != nullptr) {
      report(value.find("profile")->at,
             label + ".profile",
             "an anonymous target uses no profile",
             "remove one of the two");
    }
    if (const Value* key = usable(value, "client_key_file");
        key != nullptr && value.find("client_cert_file") == nullptr) {
      report(key->at,
             label + ".client_key_file",
             "a key without a certificate",
             "name the certificate in client_cert_file");
    }
    pipeline_.targets.push_back(std::move(target));
  }

  void add_storage(store::TargetConfig& config, const Value& value, const std::string& label) {
    using store::Encryption;
    put(config.storage_class, value, label, "storage_class", single_line);
    put(config.kms_key_id, value, label, "kms_key_id", single_line);
    put(config.customer_key_file, value, label, "customer_key_file", single_line);
    if (const Value* encryption = usable(value, "encryption")) {
      config.encryption = encryption->text == "AES256"    ? Encryption::s3
                          : encryption->text == "aws:kms" ? Encryption::kms
                                                          : Encryption::customer;
    }
    if (const Value* tags = usable(value, "tags")) {
      for (const auto& [name, text] : tags->map) {
        config.tags.emplace_back(name, text.text);
      }
      store::ObjectSettings settings;
      settings.tags = config.tags;
      if (const auto checked = store::make_object_headers(settings); !checked.ok()) {
        report(tags->at, label + ".tags", checked.error().message);
      }
    }
    belongs_to(value, label, "kms_key_id", "aws:kms", config.encryption == Encryption::kms);
    belongs_to(
        value, label, "customer_key_file", "customer", config.encryption == Encryption::customer);
    if (config.encryption == Encryption::customer && value.find("customer_key_file") == nullptr) {
      report(
          value.find("encryption")->at,
          label + ".encryption",
          "customer needs a customer_key_file",
          "head -c 32 /dev/urandom > site.key makes a key; without it nobody can read the objects");
    }
  }

  void belongs_to(const Value& value,
                  const std::string& label,
                  const char* key,
                  std::string_view encryption,
                  bool is_used) {
    if (const Value* found = value.find(key); found != nullptr && !is_used) {
      report(found->at,
             key_label(label, key),
             fmt::format("is only for `encryption: {}`", encryption));
    }
  }

  // It ends up in headers, file names and messages.
  static Result<std::string> single_line(std::string_view text) {
    if (std::any_of(text.begin(), text.end(), [](char c) {
          return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        })) {
      return Error{Errc::config, "has control characters in it"};
    }
    return std::string(text);
  }

  // Text that is not written, or empty as `${NAME:-}` can be, leaves the setting at its default; a
  // bucket has none.
  void put(std::string& setting,
           const Value& target,
           const std::string& label,
           const char* key,
           Result<std::string> (*normal)(std::string_view)) {
    const Value* value = usable(target, key);
    if (value == nullptr || (value->text.empty() && normal != normal_bucket)) {
      return;
    }
    auto result = normal(value->text);
    if (result.ok()) {
      setting = std::move(result).value();
    } else {
      report(value->at, key_label(label, key), result.error().message, result.error().hint);
    }
  }

  void add_stages(Value& stages) {
    for (std::size_t i = 0; i < stages.list.size(); ++i) {
      Value& entry = stages.list[i];
      const Value* uses = entry.broken ? nullptr : usable(entry, "uses");
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
