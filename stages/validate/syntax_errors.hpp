// Errors inside a tag, a reference or a comment, in words.

#pragma once

#include "stages/validate/draft.hpp"
#include "stages/validate/gumbo_errors.hpp"
#include "stages/validate/outline.hpp"

#include <optional>
#include <string_view>

namespace deployflow::validate {

/// Nothing if the error is told otherwise (encoding, end of the page), or is none today ("--"
/// inside a comment was one when gumbo was written).
std::optional<Draft> syntax_error(const ParseError& error,
                                  std::string_view text,
                                  const Outline& outline);

}  // namespace deployflow::validate
