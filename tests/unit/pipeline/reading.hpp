// Reads pipeline text in one line, and compares what is wrong with it as the user sees it.

#pragma once

#include "plugins/host/pipeline/pipeline.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::pipeline {

using Lines = std::vector<std::string>;

inline Lines lines_of(const Diagnostics& diagnostics) {
  Lines out;
  for (const auto& diagnostic : diagnostics) {
    out.push_back(to_string(diagnostic, "p"));
  }
  return out;
}

/// SET is "value", SECRET is "hunter2", EMPTY is "", BINARY is no UTF-8; nothing else is set.
inline std::optional<std::string> test_variables(std::string_view name) {
  if (name == "SET") {
    return "value";
  }
  if (name == "SECRET") {
    return "hunter2";
  }
  if (name == "EMPTY") {
    return "";
  }
  return name == "BINARY" ? std::optional<std::string>("\xFF") : std::nullopt;
}

inline Parsed parse(std::string_view text) {
  return parse_pipeline(text, "p", "/site", test_variables);
}

inline Lines wrong(std::string_view text) {
  return lines_of(parse(text).diagnostics);
}

/// Check `options`, lines of YAML that stand below `with:` in line 7 of a file, from column 7,
/// against a schema. The pipeline has the targets primary and mirror. Gives what is wrong; the
/// typed options go to `typed`.
inline Lines check(std::string_view options, const char* schema, Value* typed = nullptr) {
  std::string text =
      "version: 1\ntargets:\n  primary: {bucket: a}\n  mirror: {bucket: b}\nstages:\n  - uses: t\n "
      "   with:\n";
  for (std::size_t start = 0; start < options.size();) {
    const std::size_t end = std::min(options.find('\n', start), options.size());
    text += "      " + std::string(options.substr(start, end - start)) + "\n";
    start = end + 1;
  }
  Parsed parsed = parse(text);
  REQUIRE_MESSAGE(parsed.pipeline.has_value(), parsed.diagnostics.size());
  Value& with = parsed.pipeline->stages[0].with;
  const Diagnostics problems = check_options(with, schema, *parsed.pipeline, "stages[0].with");
  if (typed != nullptr) {
    *typed = with;
  }
  return lines_of(problems);
}

}  // namespace deployflow::pipeline

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& lines) {
    std::string out = "{\n";
    for (const auto& line : lines) {
      out += "  " + line + "\n";
    }
    return (out + "}").c_str();
  }
};
}  // namespace doctest
