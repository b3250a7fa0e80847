// What the files come to together, against the limits that the options set: how much a site is, how
// many files, and what a visitor of a page loads. Sizes are those of this run, so a page is judged
// anew when only a picture of it has grown.

#pragma once

#include "stages/validate/baseline.hpp"
#include "stages/validate/file_settings.hpp"
#include "stages/validate/link_rules.hpp"
#include "stages/validate/site_facts.hpp"
#include "stages/validate/site_index.hpp"

#include <span>
#include <vector>

namespace deployflow::validate {

/// size/total, at the heaviest file, and size/files, at the first of the fullest folder. Nothing of
/// a part of a site.
std::vector<FileFinding> check_site_size(std::span<const SiteFile> files,
                                         const FileSettings& settings,
                                         const IsKnown& is_known);

/// size/page-weight: a page with the scripts, style sheets, images, fonts and frames that it loads,
/// and what those style sheets and frames load, each once. What a browser takes only perhaps is not
/// counted: sources beside the `src` of an image, icons, sound and video, prefetches; of a font in
/// several formats the smallest is. Nothing of a part of a site.
std::vector<FileFinding> check_page_weights(const SiteIndex& index,
                                            const SiteFacts& facts,
                                            const FileSettings& settings,
                                            const IsKnown& is_known);

}  // namespace deployflow::validate
