// One rule of the option `headers`, and how the option is read.
//
//   headers:
//     - match: ["**/*.pdf", "!drafts/**"]   # a pattern of keys, or a list; "!" takes away
//       cache_control: max-age=3600
//       content_disposition: attachment
//       metadata: {source: cms}             # x-amz-meta-source
//       storage_class: ""                   # nothing, whatever said so before

#pragma once

#include "stages/release/key_match.hpp"

#include <deployflow/stage.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deployflow::release {

struct HeaderRule {
  KeyMatch match;
  std::vector<std::pair<std::string, std::string>> changes;  // header in lower case; "" removes it
  std::string name;                                          // "headers[2], deployflow.yaml:14"
};

/// The rules of an option; `list` may be nullptr: none. Only in configure().
///
/// Throws Failure{DF_BAD_OPTIONS, ""} after an ERROR finding "<stage>/bad-headers" for each
/// mistake, where it stands. A finding never shows a value: it may have been a variable's.
std::vector<HeaderRule> read_header_rules(Ctx ctx, std::string_view stage, const df_value* list);

/// The schema of the option, for the properties of a stage's options.
inline constexpr std::string_view k_headers_schema = R"json({
  "type": "array",
  "description": "HTTP headers of the files, by rules: each that matches applies, later ones win",
  "items": {
    "type": "object",
    "required": ["match"],
    "properties": {
      "match": {
        "description": "pattern of keys, or a list of them; one that begins with ! takes away",
        "anyOf": [
          {"type": "string", "format": "glob"},
          {"type": "array", "minItems": 1, "items": {"type": "string", "format": "glob"}}
        ]
      },
      "cache_control": {"type": "string",
        "description": "how long browsers may keep the file; \"\" for nothing"},
      "content_type": {"type": "string",
        "description": "media type instead of the one by name"},
      "content_disposition": {"type": "string",
        "description": "attachment, to have it downloaded under its name or another"},
      "content_language": {"type": "string", "description": "such as de"},
      "content_encoding": {"type": "string", "description": "how its bytes are compressed: br, gzip"},
      "metadata": {"type": "object", "additionalProperties": {"type": "string"},
        "description": "x-amz-meta-* headers, by name"},
      "storage_class": {"type": "string", "description": "such as STANDARD_IA"},
      "acl": {"type": "string", "description": "canned ACL, such as public-read"},
      "redirect": {"type": "string",
        "description": "where a bucket that is a website sends visitors of this key"}
    }
  }
})json";

/// The schema of the option that switches the built-in defaults off (header_rules.hpp).
inline constexpr std::string_view k_header_defaults_schema = R"json({
  "type": "boolean", "default": true,
  "description": "cache-control for every file: a year for names with a fingerprint, no-cache for all others"
})json";

}  // namespace deployflow::release
