// The stage `upload`: stores every artifact of the site that differs in one target, in the safe
// order (stages/release/order.hpp). Its reference is the README beside this file.

#pragma once

#include <deployflow/stage.hpp>

#include <string>

namespace deployflow::stages {

class Upload {
 public:
  static constexpr auto name = "upload";
  static constexpr auto version = "0.1.0";
  static constexpr auto summary =
      "stores the files of the site that differ in a target, pages last";
  static constexpr auto options = R"({
    "type": "object",
    "required": ["to"],
    "properties": {
      "to": {
        "type": "string",
        "format": "target",
        "description": "name of the target that the site is stored in"
      }
    }
  })";
  static constexpr std::uint32_t caps =
      DF_CAP_READS_CONTENT | DF_CAP_REMOTE_READ | DF_CAP_REMOTE_WRITE;

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::string to_;
};

}  // namespace deployflow::stages
