// What the option schemas of this plugin's stages have in common.

#pragma once

#include "stages/release/schema_text.hpp"

#include <string_view>

namespace deployflow::stages {

/// A stage about the releases of targets: an object of which `in` is required.
inline constexpr std::string_view k_command_head =
    R"({"type": "object", "required": ["in"], "properties": {)";
inline constexpr std::string_view k_command_end = "}}";

inline constexpr std::string_view k_in_schema = R"(
      "in": {
        "anyOf": [
          {"type": "string", "format": "target"},
          {"type": "array", "items": {"type": "string", "format": "target"}, "minItems": 1}
        ],
        "description": "the target, or several"
      })";

/// `wait` and `lease`, for whatever takes a target's lock.
inline constexpr std::string_view k_lock_schema = R"(
      "wait": {
        "type": "string",
        "format": "duration",
        "default": "0s",
        "description": "how long to wait for another deployment's lock"
      },
      "lease": {
        "type": "string",
        "format": "duration",
        "minimum": "3s",
        "maximum": "1h",
        "default": "30s",
        "description": "a lock that its holder does not renew for so long is free again"
      })";

}  // namespace deployflow::stages
