// Findings of a page under collection: offsets instead of positions, because a line and a column
// are worked out only for those that are shown.

#pragma once

#include "stages/validate/finding.hpp"
#include "stages/validate/markup.hpp"
#include "stages/validate/page.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {

struct Draft {
  const Rule* rule;
  std::size_t at;  // offset, or k_nowhere for the page as a whole
  std::string message;
  std::string hint = {};
  std::string related = {};  // "closed by </div>"; its place is added
  std::size_t related_at = k_nowhere;
};

class Drafts {
 public:
  /// `settings` must outlive this.
  explicit Drafts(const PageSettings& settings) : settings_(settings) {}

  /// Of these nothing is added from now on.
  void ignore(RuleMask rules) { ignored_ = rules; }
  /// Nothing if the rule is not asked, or its code ignored. Beyond the first 10,000 a draft is only
  /// counted.
  void add(Draft draft);
  [[nodiscard]] const PageSettings& settings() const { return settings_; }
  [[nodiscard]] bool is_ignored(const Rule& rule) const {
    return ignored_.any() && (ignored_ & bit_of(rule.code)).any();
  }
  struct Rendered {
    std::vector<Finding> findings;  // by position
    std::size_t left_out = 0;       // over max_findings: errors are kept before warnings
  };
  Rendered render(std::string_view text) &&;

 private:
  const PageSettings& settings_;
  RuleMask ignored_;
  std::vector<Draft> drafts_;
  std::size_t dropped_ = 0;
};

}  // namespace deployflow::validate
