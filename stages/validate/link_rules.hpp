// What can be said about references once all files are known.

#pragma once

#include "stages/validate/baseline.hpp"
#include "stages/validate/file_settings.hpp"
#include "stages/validate/finding.hpp"
#include "stages/validate/integrity.hpp"
#include "stages/validate/site_facts.hpp"
#include "stages/validate/site_index.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace deployflow::validate {

struct FileFinding {
  std::size_t file = 0;  // its place in SiteIndex::files()
  Finding finding;
};

/// With what the site's own file _redirects answers. `files`: see SiteIndex.
SiteIndex index_of(std::span<const SiteFile> files, const SiteFacts& facts);

/// link/*, security/integrity, site/* and css/unused. A target that is not there is told once, at
/// the first place that refers to it, with the others. `of_the_web`: link/external and its like,
/// told with them. In order of file and position. Known is each reference for itself, before they
/// are put together: a page that refers anew to what is known to be missing is told.
std::vector<FileFinding> check_links(const SiteIndex& index,
                                     const SiteFacts& facts,
                                     const FileSettings& settings,
                                     const DigestOfFile& digest_of_file,
                                     std::vector<FileFinding> of_the_web = {},
                                     const IsKnown& is_known = {});

}  // namespace deployflow::validate
