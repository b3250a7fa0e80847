// A pipeline file, and the options of its stages against a schema with a bit of everything.

#include "plugins/host/pipeline/pipeline.hpp"
#include "tests/fuzz/claim.hpp"

namespace deployflow::pipeline {
namespace {

constexpr const char* k_schema = R"({"type": "object", "required": ["to"], "properties": {
  "to": {"oneOf": [{"type": "string", "format": "target"},
                   {"type": "array", "minItems": 1, "items": {"type": "string", "format": "target"}}]},
  "size": {"type": "integer", "format": "bytes", "default": "10MiB", "minimum": 1, "maximum": "1GiB"},
  "wait": {"type": "integer", "format": "duration", "default": "5m"},
  "only": {"type": "array", "items": {"type": "string", "format": "glob"}},
  "file": {"type": "string", "format": "path"},
  "count": {"type": "integer", "minimum": -5, "maximum": 5},
  "rate": {"type": "number"},
  "strict": {"type": "boolean", "default": false},
  "mode": {"enum": ["auto", "path", 1]},
  "name": {"type": "string", "minLength": 1, "maxLength": 8, "pattern": "^[a-z]+(-[0-9]{2,4})?$"},
  "old": {"type": "string", "deprecated": "use name"},
  "headers": {"type": "object", "additionalProperties": {"type": "string"}}}})";

// Long enough not to be in a message by chance; the input may hold it itself, so that is looked at.
constexpr std::string_view k_secret = "hunter2-hunter2";

std::optional<std::string> variables(std::string_view name) {
  if (name == "SECRET") {
    return std::string(k_secret);
  }
  return name == "SET" ? std::optional<std::string>("primary") : std::nullopt;
}

void check_diagnostics(const Diagnostics& diagnostics, std::string_view text) {
  for (const Diagnostic& diagnostic : diagnostics) {
    CLAIM(!diagnostic.message.empty());
    const std::string shown = to_string(diagnostic, "deployflow.yaml");
    CLAIM(!fuzz::has_control(shown));
    CLAIM(shown.find(k_secret) == std::string::npos ||
          text.find(k_secret) != std::string_view::npos);
  }
}

std::string fingerprint(const Value& value) {
  std::string out = std::to_string(static_cast<int>(value.kind)) + ":" +
                    std::to_string(value.integer) + ":" + std::to_string(value.boolean) +
                    value.text + "(";
  for (const Value& entry : value.list) {
    out += fingerprint(entry) + ",";
  }
  for (const auto& [key, entry] : value.map) {
    out += key + "=" + fingerprint(entry) + ",";
  }
  return out + ")";
}

void check_stages(Pipeline& pipeline, std::string_view text) {
  for (Stage& stage : pipeline.stages) {
    Diagnostics warnings;
    const Diagnostics problems =
        check_options(stage.with, k_schema, pipeline, "stages[0].with", &warnings);
    check_diagnostics(problems, text);
    check_diagnostics(warnings, text);
    if (problems.empty()) {
      const std::string before = fingerprint(stage.with);
      CLAIM(check_options(stage.with, k_schema, pipeline, "stages[0].with").empty());
      CLAIM(fingerprint(stage.with) == before);
    }
  }
}

void check_pipeline(const Pipeline& pipeline) {
  for (const Target& target : pipeline.targets) {
    CLAIM(pipeline.find_target(target.config.name) == &target);  // unique
    CLAIM(!target.config.bucket.empty() && !fuzz::has_control(target.config.bucket));
    CLAIM(!fuzz::has_control(target.config.prefix));
    CLAIM(target.config.prefix.empty() || target.config.prefix.ends_with('/'));
  }
  for (const PluginFile& plugin : pipeline.plugins) {
    CLAIM(plugin.path.starts_with('/'));
  }
}

}  // namespace
}  // namespace deployflow::pipeline

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::pipeline;
  const std::string_view text = deployflow::fuzz::text_of(data, size);
  Parsed parsed = parse_pipeline(text, "deployflow.yaml", "/site", variables);
  CLAIM(parsed.pipeline.has_value() == parsed.diagnostics.empty());
  check_diagnostics(parsed.diagnostics, text);
  for (const Diagnostic& diagnostic : parsed.diagnostics) {
    CLAIM(diagnostic.at.line >= 1 && diagnostic.at.column >= 1);
  }
  if (parsed.pipeline) {
    check_pipeline(*parsed.pipeline);
    check_stages(*parsed.pipeline, text);
  }
  return 0;
}
