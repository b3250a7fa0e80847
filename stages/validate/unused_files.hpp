// Files that nothing leads to, as information: what only a script loads, or what people are sent to
// by mail, looks the same.

#pragma once

#include "stages/validate/baseline.hpp"
#include "stages/validate/link_rules.hpp"
#include "stages/validate/link_targets.hpp"

#include <vector>

namespace deployflow::validate {

/// site/orphan, site/unlinked-page and css/unused: one finding for each kind, at the first such
/// file, with the names of the next few and how many there are more. Nothing where no page links to
/// another, and nothing of what has an address that everybody knows, such as robots.txt and
/// /.well-known/.
std::vector<FileFinding> find_unused(const SiteIndex& index,
                                     const LinkTargets& targets,
                                     const FileSettings& settings,
                                     const IsKnown& is_known);

}  // namespace deployflow::validate
