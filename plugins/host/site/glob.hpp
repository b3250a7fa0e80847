// Which keys a pattern means: '?' one character, '*' within a segment, '**' across segments.

#pragma once

#include <string_view>

namespace deployflow::site {

/// "**/x.html" also matches "x.html". Bytes, case matters. At most |pattern| * |key| steps. Pure.
bool glob_matches(std::string_view pattern, std::string_view key);

}  // namespace deployflow::site
