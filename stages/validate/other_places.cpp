#include "stages/validate/other_places.hpp"

#include "stages/validate/markup.hpp"

#include <algorithm>

namespace deployflow::validate {

std::string other_places(const SiteIndex& index,
                         std::span<const BrokenTarget::Place> places,
                         std::size_t files) {
  constexpr std::size_t k_most_shown = 120;  // bytes of a key
  std::string out;
  std::size_t told = 1;  // files
  for (std::size_t i = 1; i < places.size(); ++i) {
    const BrokenTarget::Place& place = places[i];
    out += (i == 1 ? "; also in " : ", ") + shortened(index.files()[place.file].key, k_most_shown) +
           ":" + std::to_string(place.reference->line) + ":" +
           std::to_string(place.reference->column);
    told += place.file != places[i - 1].file ? 1U : 0U;
  }
  const std::size_t more = files - std::min(told, files);
  return more == 0
             ? out
             : out + " and " + std::to_string(more) + (more == 1 ? " more file" : " more files");
}

}  // namespace deployflow::validate
