// Of what is found in one file a few are told, and the rest is counted.

#pragma once

#include "stages/validate/finding.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace deployflow::validate {

/// At most `most` by place, errors kept before warnings; one more of the rule `rest` counts what is
/// left out, with the `left_out` that are so already: "12 more findings <of_what>".
void keep_few(std::vector<Finding>& findings,
              std::size_t most,
              const Rule& rest,
              std::string_view of_what,
              std::size_t left_out = 0);

}  // namespace deployflow::validate
