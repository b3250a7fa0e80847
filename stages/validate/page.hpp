// All that is checked inside one page.

#pragma once

#include "stages/validate/arena.hpp"
#include "stages/validate/facts_builder.hpp"
#include "stages/validate/finding.hpp"
#include "stages/validate/outline.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {

struct PageSettings {
  std::size_t max_findings = 20;
  bool keeps_all = false;  // what is known is left out later, and only then max_findings counts
  std::set<std::string, std::less<>> ignored = {};  // codes
  RuleSet rules = RuleSet::essential;
  std::map<std::string, Severity, std::less<>> severities = {};  // by code, over those of the rules
  std::set<std::string, std::less<>> asked = {};  // codes that are asked whatever `rules` says
  bool is_https = false;                          // visitors see the page by https
  OutlineLimits limits = {};

  /// Is it looked for? A rule with a severity of its own is, whatever `rules` says.
  [[nodiscard]] bool asks(const Rule& rule) const {
    return !ignored.contains(rule.code) &&
           (rule.set <= rules || severities.contains(rule.code) || asked.contains(rule.code));
  }
  [[nodiscard]] Severity severity_of(std::string_view code, Severity by_rule) const {
    const auto said = severities.find(code);
    return said != severities.end() ? said->second : by_rule;
  }
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
