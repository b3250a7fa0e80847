// The file of a baseline, on disk: read whole, and replaced whole or not at all.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace deployflow::validate {

struct FileText {
  std::optional<std::string> text;  // nothing if there is no such file, or with `why_not`
  std::string why_not;              // it is there and cannot be read; empty if it can
};

/// At most 64 MiB, of a regular file.
FileText read_baseline_file(const std::string& path);

/// Whoever reads `path` sees the old file or the whole new one, also after a crash. Of a link the
/// file that it leads to is replaced. Why it failed, and then the old file is as it was; empty if
/// it did not.
std::string replace_baseline_file(const std::string& path, std::string_view text);

}  // namespace deployflow::validate
