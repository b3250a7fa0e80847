// A checked pipeline: what a YAML file says, typed, with positions kept.
//
// Reading never stops at the first mistake: everything wrong in the file comes back at once.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/pipeline/diagnostic.hpp"
#include "plugins/host/pipeline/value.hpp"
#include "plugins/host/store/target.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::pipeline {

struct Stage {
  std::string id;    // `id:`, else the name in `uses:`; unique in the pipeline
  std::string uses;  // type name: "upload", "acme/no-big-files"
  Position uses_at;
  Value with;  // a map; before check_options() as written, after it typed and with defaults
  bool may_fail = false;  // its errors are warnings, and the run goes on: some tidying up
};

struct PluginFile {
  std::string path;  // absolute: resolved against the pipeline file's folder
  Position at;
};

struct Target {
  store::TargetConfig config;
  Position at;
  bool is_aside = false;  // used by the way: what the run brings about is not told of it
};

struct Pipeline {
  std::string
      file;  // path of the YAML file as given, for messages; empty = made by the command line
  std::string sha256;               // of its text, lower-case hex; empty = there is no file
  std::string folder;               // absolute folder that relative paths start from
  std::optional<std::string> site;  // absolute or "-"; nullopt = must come from the command line
  std::vector<PluginFile> plugins;
  std::vector<Target> targets;  // in the order of the file; names unique
  std::vector<Stage> stages;

  [[nodiscard]] const Target* find_target(std::string_view name) const {
    for (const auto& target : targets) {
      if (target.config.name == name) {
        return &target;
      }
    }
    return nullptr;
  }
};

/// What ${NAME} stands for; nullopt = unset.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// A pipeline, or everything that is wrong with it (never empty then).
struct Parsed {
  std::optional<Pipeline> pipeline;  // set exactly when `diagnostics` is empty
  Diagnostics diagnostics;
};

/// Parse the text of a pipeline file. `file` is for messages, `folder` (absolute) is where its
/// relative paths start. At most 1 MiB, 64 levels, 10,000 values after aliases are followed. Pure.
Parsed parse_pipeline(std::string_view text,
                      std::string file,
                      std::string folder,
                      const Lookup& lookup);

/// Check the `with:` of one stage against the type's schema (JSON Schema subset; nullptr = no
/// options), type its scalars and fill in defaults, in place. `format: target` names must be among
/// `pipeline`'s targets; `format: path` is made absolute against its folder. Checking what was
/// checked changes nothing. `label` names the stage in messages: "stages[1].with". A broken schema
/// is a diagnostic as well. `warnings`, if given, gets what works but should not be used:
/// deprecated options.
Diagnostics check_options(Value& with,
                          const char* schema,
                          const Pipeline& pipeline,
                          const std::string& label,
                          Diagnostics* warnings = nullptr);

/// One option of a stage type, for help and tables.
struct OptionHelp {
  std::string name;
  std::string type;         // "size", "target or list of targets", "auto | path | virtual"
  std::string fallback;     // default, as one would write it; empty = none
  std::string description;  // one paragraph; may be empty
  bool required = false;
  bool deprecated = false;
};

/// The options that a schema describes, in its order; nullptr = none. Errors: `plugin` for a broken
/// schema.
Result<std::vector<OptionHelp>> describe_options(const char* schema);

/// "deployflow.yaml:14:7: stages[1].with.too: unknown option (did you mean "to"?)", control
/// characters escaped.
std::string to_string(const Diagnostic& diagnostic, std::string_view file);

/// The file `deployflow.yaml` in `folder` or the nearest folder above it; nullopt if there is none.
std::optional<std::string> find_pipeline_file(const std::string& folder);

}  // namespace deployflow::pipeline
