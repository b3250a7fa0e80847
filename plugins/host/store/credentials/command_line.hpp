// A command as one text, taken apart as AWS's tools take apart credential_process.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::store {

/// The rules of a POSIX shell for quotes and backslashes, and nothing else of one: no variables, no
/// patterns, no pipes. nullopt if a quote is left open or the text ends in a backslash.
std::optional<std::vector<std::string>> split_command(std::string_view text);

}  // namespace deployflow::store
