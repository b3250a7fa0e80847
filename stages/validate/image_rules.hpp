// What is said about images once all files are known: whether they are images at all, and whether
// pages show them as they are. Their first bytes are read in each run: there are few, and what the
// cache keeps of a file would cost its digest.

#pragma once

#include "stages/validate/baseline.hpp"
#include "stages/validate/file_settings.hpp"
#include "stages/validate/image_header.hpp"
#include "stages/validate/link_rules.hpp"
#include "stages/validate/site_facts.hpp"
#include "stages/validate/site_index.hpp"

#include <functional>
#include <vector>

namespace deployflow::validate {

/// What a thread reads the bytes of files with. Called on each thread; what it gives is that
/// thread's own.
using MakeReader = std::function<std::function<ReadPart(const SiteFile& file)>()>;

/// image/broken and image/oversized, at the image, and image/ratio, at the first page that shows it
/// so. What Git LFS left in place of one is an error if some file of the site uses it. The size is
/// judged where a page says it alone, not where it depends on a style, on the screen or on a
/// script, and not in a part of a site.
std::vector<FileFinding> check_images(const SiteIndex& index,
                                      const SiteFacts& facts,
                                      const FileSettings& settings,
                                      const MakeReader& make_reader,
                                      const IsKnown& is_known);

}  // namespace deployflow::validate
