// Addresses of a page that are no reference to a file, and lead nowhere all the same: those that
// are missing or empty, of mail and telephones, and of a <map> that the page has not.
//
// Source: the HTML standard, "valid non-empty URL potentially surrounded by spaces" (4.2.4, 4.8,
// 4.12.1) and 4.8.14 on usemap; RFC 6068, 2; RFC 3966, 3.

#pragma once

#include "stages/validate/facts_builder.hpp"

#include <gumbo.h>

#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace deployflow::validate {

class AddressRules {
 public:
  /// `facts` gets the findings, and outlives this.
  explicit AddressRules(FactsBuilder& facts) : facts_(facts) {}

  /// Each element that no script has still to make something of. It outlives this.
  void see(const GumboElement& element);
  /// After the last.
  void finish();

 private:
  void see_source(const GumboElement& element, const char* name);
  void see_source_if_any(const GumboElement& element, const char* name);
  void see_meta(const GumboElement& meta);
  void see_contact(const GumboElement& link);
  void see_map_of(const GumboElement& image);

  FactsBuilder& facts_;
  std::unordered_set<std::string_view> maps_;
  std::vector<std::pair<std::string_view, Position>> uses_;  // of maps
};

}  // namespace deployflow::validate
