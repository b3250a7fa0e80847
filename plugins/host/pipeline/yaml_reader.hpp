// YAML text to a tree of values with positions, under limits that no text can get around.
//
// Limits: 1 MiB of text, 64 levels, 10,000 values and 4 MiB of text after aliases are followed.
// Scalars stay text: what they are is decided by what a schema asks for.

#pragma once

#include "plugins/host/pipeline/diagnostic.hpp"
#include "plugins/host/pipeline/source_text.hpp"
#include "plugins/host/pipeline/value.hpp"

#include <optional>
#include <string_view>

namespace deployflow::pipeline {

struct YamlDocument {
  SourceText source;
  std::optional<Value> root;  // kinds null, string, list and map only; nullopt = cannot be parsed
  Diagnostics diagnostics;    // may be non-empty beside a root: mistakes that do not stop reading
};

/// Read one YAML document. A value that an alias brings has the position of its definition. Pure.
YamlDocument read_yaml(std::string_view text);

}  // namespace deployflow::pipeline
