// Reads the option `headers` out of YAML, as a stage does in configure().

#pragma once

#include "stages/release/header_rules.hpp"
#include "stages/release/schema_text.hpp"
#include "tests/unit/stages/release/real_host.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::test {

inline constexpr std::string_view k_head = R"({"type": "object", "properties": {"headers": )";
inline constexpr std::string_view k_middle = R"(, "header_defaults": )";
inline constexpr std::string_view k_tail = "}}";
inline constexpr const char* k_options_schema = release::k_joined<k_head,
                                                                  release::k_headers_schema,
                                                                  k_middle,
                                                                  release::k_header_defaults_schema,
                                                                  k_tail>;

/// `rules`: lines of YAML, which stand from line 9 on, in column 9 of the pipeline.
inline release::HeaderRules rules_of(
    RealHost& host,
    const std::string& rules,
    release::HeaderRules::Defaults defaults = release::HeaderRules::Defaults::on) {
  std::string text = "headers:\n";
  for (std::size_t start = 0; start < rules.size();) {
    const std::size_t end = std::min(rules.find('\n', start), rules.size());
    text.append("  ").append(rules, start, end - start).append("\n");
    start = end + 1;
  }
  pipeline::Value options;
  const std::vector<std::string> problems = pipeline::check(text, k_options_schema, &options);
  REQUIRE(problems == std::vector<std::string>{});
  const pipeline::Value* list = options.find("headers");
  return release::HeaderRules::read(host.ctx(), "upload", run::to_c(*list), defaults);
}

/// "content type | name: value | ... | -removed"
inline std::string shown(const release::HeaderSet& set) {
  std::string out = set.content_type;
  for (const auto& [name, value] : set.headers) {
    out += " | " + name + ": " + value;
  }
  for (const std::string& name : set.removed) {
    out += " | -" + name;
  }
  return out;
}

}  // namespace deployflow::test
