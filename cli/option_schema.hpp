// A stage's options as its schema describes them, for people.

#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace deployflow::cli {

struct StageOption {
  std::string name;
  std::string type;  // "string", "bytes", "list of target", "one of a, b"
  bool required = false;
  std::string fallback;  // as one would write it in YAML; empty = none
  std::string description;
};

/// The options of a JSON-Schema subset text (nullptr: none), in its order; what it does not
/// understand it leaves out, since the host has checked the schema or will say what is wrong with
/// it.
std::vector<StageOption> read_options(const char* schema);

nlohmann::ordered_json to_json(const StageOption& option);

}  // namespace deployflow::cli
