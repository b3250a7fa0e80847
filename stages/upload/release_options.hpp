// The options that everything has in common that makes a release live: how it is published, what is
// deleted and kept, how long a lock is waited for.

#pragma once

#include "stages/release/deployment.hpp"

#include <deployflow/stage.hpp>

#include <string_view>

namespace deployflow::stages {

/// Members of an object schema.
inline constexpr std::string_view k_release_options_schema = R"(
      "publish": {
        "type": "string",
        "enum": ["direct", "staged"],
        "default": "direct",
        "description": "direct: files go to their keys, in the safe order; staged: contents first, then one short burst of copies inside the store"
      },
      "delete": {
        "type": "boolean",
        "default": false,
        "description": "delete what earlier releases stored and the site no longer has"
      },
      "max_delete": {
        "anyOf": [
          {"type": "integer", "minimum": 0},
          {"type": "string", "pattern": "^(100|[0-9]{1,2})%$"}
        ],
        "default": 256,
        "description": "most objects that one run may delete: a number, or a share of the live files such as 25%"
      },
      "keep_assets": {
        "type": "integer",
        "minimum": 0,
        "maximum": 100,
        "default": 0,
        "description": "files, pages excepted, that the last so many releases needed are not deleted, for tabs that are open"
      },
      "keep": {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "default": 5,
        "description": "releases that can be gone back to, the live one included"
      },
      )";

inline constexpr std::string_view k_keep_contents_schema = R"(
      "keep_contents": {
        "type": "boolean",
        "default": true,
        "description": "copy what is replaced to blobs; false: the bucket keeps versions, and going back takes it from them"
      },
      )";

/// `wait` and `lease` of k_lock_schema.
release::LeaseOptions read_lease_options(const Options& given);
/// Everything but the target.
release::DeploymentOptions read_release_options(const Options& given, std::string_view stage);

}  // namespace deployflow::stages
