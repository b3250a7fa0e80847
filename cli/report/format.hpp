// What --format takes: how the findings of a run are told, and where to.

#pragma once

#include "plugins/host/base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace deployflow::cli {

enum class Format : std::uint8_t { text, json, sarif, junit, github, gitlab, checkstyle, html };

struct FormatRow {
  Format format;
  const char* name;
};

std::span<const FormatRow> formats();

struct FormatChoice {
  Format format = Format::text;
  std::string file;  // as it was typed; empty = shown: a document on standard output, text and
                     // workflow commands on standard error
};

/// "sarif" or "html=report.html". Errors: `usage`.
Result<FormatChoice> parse_format(const std::string& value);

enum class JsonLines : std::uint8_t { no, yes };

/// Do they go together: one is shown, each file is written once, and standard output, which --json
/// takes, belongs to one alone? Errors: `usage`.
Result<void> check_formats(const std::vector<FormatChoice>& choices, JsonLines json);

/// The one without a file; nullptr if there is none.
const FormatChoice* shown_format(const std::vector<FormatChoice>& choices);

/// Is it one text as a whole, for a program or a browser?
bool is_document(Format format);

}  // namespace deployflow::cli
