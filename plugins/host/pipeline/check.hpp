// Checks a value against a schema: types its scalars, fills in defaults, and reports everything
// that is wrong.

#pragma once

#include "plugins/host/pipeline/diagnostic.hpp"
#include "plugins/host/pipeline/schema.hpp"
#include "plugins/host/pipeline/value.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::pipeline {

struct CheckContext {
  std::optional<std::vector<std::string>>
      targets;                  // names for format target; nullopt = any name will do
  std::string folder;           // where relative paths start; empty = left alone
  std::string noun = "option";  // what a key is called: "unknown option"
  /// What to say about an unknown key instead of that; nullopt = nothing special. May be empty.
  std::function<std::optional<Diagnostic>(const std::string& label, std::string_view key)>
      unknown_key;
  Diagnostics* warnings = nullptr;  // gets deprecated options; may be nullptr
};

/// Check `value` in place. `label` is its path for messages: "stages[1].with"; "" for the whole
/// file. What is wrong is marked broken; what is marked already is passed over.
Diagnostics check_value(Value& value,
                        const Schema& schema,
                        const std::string& label,
                        const CheckContext& context);

/// "stages[1].with" and "to": "stages[1].with.to"; a key that is no plain word is quoted in
/// brackets.
std::string key_label(const std::string& label, std::string_view key);

/// "label: message", or the message alone for the whole file.
std::string labelled(const std::string& label, std::string_view message);

}  // namespace deployflow::pipeline
