// The stage `rollback`: makes another release the live one, in the same order, with the same
// barriers, lock and confirmation as an upload. No file of it is needed: contents are where the
// live site has them, or in the blobs that later releases left. Its reference is the README beside
// this file.

#pragma once

#include "stages/release/lease.hpp"

#include <deployflow/stage.hpp>

#include <string>
#include <vector>

namespace deployflow::stages {

class Rollback {
 public:
  static constexpr auto name = "rollback";
  static constexpr auto version = "0.2.0";
  static constexpr auto summary = "makes an earlier or later release of targets the live one";
  static constexpr auto options = R"({
    "type": "object",
    "required": ["in"],
    "properties": {
      "in": {
        "anyOf": [
          {"type": "string", "format": "target"},
          {"type": "array", "items": {"type": "string", "format": "target"}, "minItems": 1}
        ],
        "description": "the target, or several"
      },
      "release": {
        "type": "string",
        "pattern": "^[0-9A-Za-z-]{1,64}$",
        "description": "id of the release; without it the one before the live one"
      },
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
      }
    }
  })";
  static constexpr std::uint32_t caps = DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::vector<std::string> in_;
  std::string release_;
  release::LeaseOptions lease_;
};

}  // namespace deployflow::stages
