// What is said about the answers of the web.
//
// A link is a mistake when its server says so, or when there is no such server: no page, no host, a
// certificate that browsers refuse. A server that is down, slow or busy today may be there
// tomorrow: that is told as information, for a check that fails by the weather is turned off.

#pragma once

#include "stages/validate/external_links.hpp"
#include "stages/validate/link_rules.hpp"
#include "stages/validate/settings.hpp"
#include "stages/validate/site_index.hpp"
#include "stages/validate/web_answer.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace deployflow::validate {

/// link/external, -moved and -private, by place of the link; of what has no answer nothing.
std::vector<FileFinding> judge_external(const SiteIndex& index,
                                        std::span<const ExternalLink> links,
                                        std::span<const std::optional<WebAnswer>> answers,
                                        const ExternalSettings& settings);

/// link/external-unreachable: about no file.
Finding no_network(std::size_t hosts, std::string_view one_of_them);

}  // namespace deployflow::validate
