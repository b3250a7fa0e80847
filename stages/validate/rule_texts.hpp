// What `deployflow rules CODE` tells of a rule: why it matters, and an example that a test plants.

#pragma once

#include "stages/validate/rules.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace deployflow::validate {

/// What an example is.
enum class ExampleOf : std::uint8_t {
  body,      // inside <body> of a page that is good otherwise
  page,      // a whole page
  style,     // a style sheet
  xml,       // an XML file
  manifest,  // a web app manifest
  key,       // the name of a file
  none       // it takes a whole site, or too much text, to show it
};

struct RuleText {
  const Rule* rule;
  std::string_view why;  // sentences
  ExampleOf example_of = ExampleOf::none;
  std::string_view wrong = {};
  std::string_view right = {};
};

/// One for each of all_rules(), in the same order.
std::span<const RuleText> rule_texts();

/// "essential", "recommended" or "strict".
std::string_view name_of(RuleSet set);
/// "error", "warning" or "info".
std::string_view name_of(Severity severity);

}  // namespace deployflow::validate
