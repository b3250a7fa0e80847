// What is checked about the bytes of a pipeline file before a YAML parser sees them.
//
// yaml-cpp turns bytes that are not UTF-8 into U+FFFD, guesses UTF-16 and accepts control
// characters.

#pragma once

#include "plugins/host/pipeline/diagnostic.hpp"
#include "plugins/host/pipeline/source_text.hpp"

#include <string_view>

namespace deployflow::pipeline {

struct CheckedText {
  SourceText source;        // without a byte order mark; empty if it is too long to read
  Diagnostics diagnostics;  // empty = fit to be parsed
};

/// At most 1 MiB of UTF-8 without control characters but tab and line ends. Pure.
CheckedText check_text(std::string_view bytes);

}  // namespace deployflow::pipeline
