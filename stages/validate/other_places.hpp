// Where else a file of the site says the same.

#pragma once

#include "stages/validate/link_targets.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace deployflow::validate {

/// "; also in b.html:3:5, c.html:7:1 and 12 more files", or nothing. `files`: how many say it,
/// those of `places` among them.
std::string other_places(const SiteIndex& index,
                         std::span<const BrokenTarget::Place> places,
                         std::size_t files);

}  // namespace deployflow::validate
