// The stage `replicate`: brings other targets to what the first one holds, in the safe order
// (stages/release/order.hpp). Its reference is the README beside this file.

#pragma once

#include "stages/release/lease.hpp"

#include <deployflow/stage.hpp>

#include <string>
#include <vector>

namespace deployflow::stages {

class Replicate {
 public:
  static constexpr auto name = "replicate";
  static constexpr auto version = "0.1.0";
  static constexpr auto summary = "brings other targets to what the first one holds, pages last";
  static constexpr auto options = R"({
    "type": "object",
    "required": ["from", "to"],
    "properties": {
      "from": {
        "type": "string",
        "format": "target",
        "description": "name of the target whose objects are copied"
      },
      "to": {
        "type": "array",
        "items": {"type": "string", "format": "target"},
        "description": "names of the targets that receive them, one or more"
      },
      "wait": {
        "type": "string",
        "format": "duration",
        "default": "0s",
        "description": "how long to wait for another run's lock of a target"
      }
    }
  })";
  static constexpr std::uint32_t caps = DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::string from_;
  std::vector<std::string> to_;
  release::LeaseOptions lease_;
};

}  // namespace deployflow::stages
