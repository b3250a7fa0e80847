#include "stages/validate/external_links.hpp"

#include <limits>

namespace deployflow::validate {

std::vector<ExternalLink> find_external(const SiteFacts& facts, const ExternalSettings& settings) {
  constexpr std::size_t k_unknown = std::numeric_limits<std::size_t>::max();
  constexpr std::size_t k_unwanted = k_unknown - 1;
  std::vector<ExternalLink> out;
  std::vector<std::size_t> places(facts.texts().size(),
                                  k_unknown);  // in `out`, by number of the URL
  const RuleMask ignored = bit_of(rules::k_link_external.code);
  for (std::size_t file = 0; file < facts.size(); ++file) {
    if ((facts[file].ignored & ignored).any()) {
      continue;
    }
    for (const PackedReference& reference : facts[file].references) {
      if (reference.is_outside == 0) {
        continue;
      }
      std::size_t& place = places[reference.path];
      if (place == k_unknown) {
        const std::string_view url = facts.texts()[reference.path];
        place = is_asked(settings, url) ? out.size() : k_unwanted;
        if (place != k_unwanted) {
          out.push_back({.url = url, .places = {}, .count = 0});
        }
      }
      if (place == k_unwanted) {
        continue;
      }
      ExternalLink& link = out[place];
      // Of one file they come one after the other.
      const bool is_same_file = link.count > 0 && link.last_file == file;
      link.count += is_same_file ? 0U : 1U;
      link.last_file = file;
      if (link.places.size() < BrokenTarget::most_places) {
        link.places.push_back({file, &reference});
      }
    }
  }
  return out;
}

}  // namespace deployflow::validate
