// What a file says of itself that nobody wants to hear:
//
//   <!-- deployflow-ignore link/missing html/stray: the server makes these pages -->
//   /* deployflow-ignore link/missing */
//
// Codes, with spaces or commas between them, for the whole file; a reason may follow a colon. Pure.

#pragma once

#include "stages/validate/rules.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace deployflow::validate {

struct IgnoreMarks {
  struct Unknown {
    std::size_t at;  // offset
    std::string_view code;
  };
  RuleMask rules;
  std::vector<Unknown> unknown;  // what stands for a code and is none
};

enum class CommentSyntax { html, css };

/// Views of the text.
IgnoreMarks read_ignore_marks(std::string_view text, CommentSyntax syntax);

}  // namespace deployflow::validate
