// JSON as one line that is safe on a terminal and still exact. For sources that make JSON.

#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace deployflow::cli {

/// No line break. Bytes that are not UTF-8 become U+FFFD; characters that move or reorder text on a
/// terminal are \u escapes, which every reader turns back.
std::string to_text(const nlohmann::ordered_json& json);

}  // namespace deployflow::cli
