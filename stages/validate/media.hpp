// Media types as the host gives them: "text/html; charset=utf-8".

#pragma once

#include "stages/validate/markup.hpp"

#include <string_view>

namespace deployflow::validate {

/// Is it this one, whatever its parameters and the case of its letters?
inline bool is_media_type(std::string_view given, std::string_view name) {
  return equals_ignoring_case(trimmed(given.substr(0, given.find(';'))), name);
}

inline bool is_html(std::string_view media_type) {
  return is_media_type(media_type, "text/html");
}

}  // namespace deployflow::validate
