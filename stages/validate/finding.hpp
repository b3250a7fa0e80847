// What a check has to say about one file, before the stage hands it to the host.

#pragma once

#include "stages/validate/rules.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace deployflow::validate {

struct Finding {
  std::string_view code;  // of a Rule
  Severity severity = Severity::error;
  std::string message;                 // one clause
  std::string hint;                    // may be empty
  std::uint32_t line = 0, column = 0;  // 1-based; 0 = the file as a whole
};

}  // namespace deployflow::validate
