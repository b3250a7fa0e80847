// The stage `rules`: lists the rules of `validate`, or explains one.

#pragma once

#include <deployflow/stage.hpp>

#include <cstdint>
#include <string>

namespace deployflow::validate {

class RulesCommand {
 public:
  static constexpr auto name = "rules";
  static constexpr auto version = "0.1.0";
  static constexpr auto summary = "lists the rules of validate, or explains one";
  static constexpr std::uint32_t caps = 0;
  static constexpr auto options = R"json({
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "code": {"type": "string", "description": "the rule to explain; without it all are listed"}
    }
  })json";

  void configure(Ctx ctx, const Options& given);
  void run(Ctx ctx, const RunInfo& info) const;

 private:
  std::string code_;
};

}  // namespace deployflow::validate
