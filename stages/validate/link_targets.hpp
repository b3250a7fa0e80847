// Every reference of the site with what it leads to.

#pragma once

#include "stages/validate/baseline.hpp"
#include "stages/validate/file_settings.hpp"
#include "stages/validate/integrity.hpp"
#include "stages/validate/site_facts.hpp"
#include "stages/validate/site_index.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace deployflow::validate {

/// One mistake: all references that lead to the same thing, which is not there.
struct BrokenTarget {
  enum class Why : std::uint8_t {
    missing,
    fragment,
    above,     // it is there, but only because browsers stop at the root
    integrity  // it is there, but is not what the page says
  };
  struct Place {
    std::size_t file;
    const PackedReference* reference;
  };
  Why why = Why::missing;
  std::size_t file = 0;  // fragment: the page that has it not; integrity: the file that differs
  std::vector<Place> places;  // the first few, in order; see most_places
  std::size_t count = 0;      // of files that refer to it

  std::string integrity;  // what that file is instead: "sha384-..."

  static constexpr std::size_t most_places = 4;
};

struct LinkTargets {
  std::vector<BrokenTarget> broken;  // in order of their first place
  std::vector<char> is_linked;       // by file: a page that another page leads to
  std::vector<char> is_used;         // by file: whatever uses it, the file itself not among them
};

LinkTargets find_targets(const SiteIndex& index,
                         const SiteFacts& facts,
                         const FileSettings& settings,
                         const DigestOfFile& digest_of_file,
                         const IsKnown& is_known);

}  // namespace deployflow::validate
