// Environment variables as a parameter: nothing below cli/ calls getenv.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow {

/// The value of a variable; nullopt = unset. A set but empty one is "".
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The process's own environment.
Environment process_environment();

}  // namespace deployflow
