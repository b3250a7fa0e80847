// All that is checked inside one page.

#pragma once

#include "stages/validate/arena.hpp"
#include "stages/validate/facts_builder.hpp"
#include "stages/validate/finding.hpp"
#include "stages/validate/outline.hpp"

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {

struct PageSettings {
  std::size_t max_findings = 20;
  std::set<std::string, std::less<>> ignored = {};  // codes
  RuleSet rules = RuleSet::essential;
  bool is_https = false;  // visitors see the page by https
  OutlineLimits limits = {};
};

/// Adds the findings of one page, by position, at most `max_findings` of them: errors are kept
/// before warnings, and a last "html/more" counts what is left out. And what the page refers to, if
/// it can be parsed. `memory` is only used during the call. Thread-safe: no state between calls.
void read_page(std::string_view bytes,
               const PageSettings& settings,
               Arena& memory,
               FactsBuilder& facts);

/// The findings alone, of a page for itself.
std::vector<Finding> check_page(std::string_view bytes, const PageSettings& settings);

}  // namespace deployflow::validate
