// What a check has to say about one file, before the stage hands it to the host.

#pragma once

#include "stages/validate/position.hpp"
#include "stages/validate/rules.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow::validate {

struct Finding {
  std::string_view code;  // of a Rule
  Severity severity = Severity::error;
  std::string message;                 // one clause
  std::string hint;                    // may be empty
  std::uint32_t line = 0, column = 0;  // 1-based; 0 = the file as a whole

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A finding of `rule`, with the rule's severity.
inline Finding finding_of(const Rule& rule,
                          std::string message,
                          std::string hint = {},
                          Position at = {0, 0}) {
  return {.code = rule.code,
          .severity = rule.severity,
          .message = std::move(message),
          .hint = std::move(hint),
          .line = at.line,
          .column = at.column};
}

}  // namespace deployflow::validate
