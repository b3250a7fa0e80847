// The addresses outside of the site that its files lead to, each once.

#pragma once

#include "stages/validate/link_targets.hpp"
#include "stages/validate/settings.hpp"
#include "stages/validate/site_facts.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace deployflow::validate {

struct ExternalLink {
  std::string_view url;                     // a text of the facts
  std::vector<BrokenTarget::Place> places;  // as BrokenTarget has them
  std::size_t count = 0;                    // of files that lead there
  std::size_t last_file = 0;                // that was counted
};

/// Those that the settings want asked, in order of their first place. A file that ignores
/// link/external is not looked at.
std::vector<ExternalLink> find_external(const SiteFacts& facts, const ExternalSettings& settings);

}  // namespace deployflow::validate
