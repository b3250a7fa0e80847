// Checks of a key: the name under which an artifact goes to the store.

#pragma once

#include "stages/validate/finding.hpp"

#include <string_view>
#include <vector>

namespace deployflow::validate {

/// At most one finding for each rule of keys in that set. Positions are not set.
std::vector<Finding> check_key(std::string_view key, RuleSet set = RuleSet::essential);

}  // namespace deployflow::validate
