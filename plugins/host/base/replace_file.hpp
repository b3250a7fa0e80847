// Writes a file whole or not at all.

#pragma once

#include "plugins/host/base/result.hpp"

#include <string>
#include <string_view>

namespace deployflow {

/// Can replace_file() write there, as far as can be told without doing it? Errors: `usage`: there
/// is no such folder, it cannot be written, or `path` is something else than a regular file.
Result<void> check_replaceable(const std::string& path);

/// Write `bytes` beside `path`, then give them its name: whoever reads `path` sees the old file or
/// the whole new one. Errors: `input`; nothing is left behind.
Result<void> replace_file(const std::string& path, std::string_view bytes);

}  // namespace deployflow
