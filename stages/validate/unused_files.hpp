// Files that nothing leads to, as information: what only a script loads, or what people are sent to
// by mail, looks the same.

#pragma once

#include "stages/validate/link_rules.hpp"
#include "stages/validate/link_targets.hpp"

#include <vector>

namespace deployflow::validate {

/// site/orphan, site/unlinked-page and css/unused, the first 20 of each and one that counts the
/// rest. Nothing of a site without pages, of one file, or of what has an address that everybody
/// knows, such as robots.txt and /.well-known/.
std::vector<FileFinding> find_unused(const SiteIndex& index,
                                     const SiteFacts& facts,
                                     const LinkTargets& targets);

}  // namespace deployflow::validate
