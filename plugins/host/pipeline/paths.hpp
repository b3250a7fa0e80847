// Where a path in a pipeline file leads.

#pragma once

#include <string>
#include <string_view>

namespace deployflow::pipeline {

/// `path` against `folder`, unless it is absolute; "." and empty segments are dropped. ".." stays:
/// behind a symbolic link it is not what the text suggests. No '/' at the end, except for "/".
/// Pure.
std::string resolve_path(std::string_view folder, std::string_view path);

}  // namespace deployflow::pipeline
