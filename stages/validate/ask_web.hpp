// Asks the web about links, by the host's service for it and what earlier runs were told.

#pragma once

#include "stages/validate/external_links.hpp"
#include "stages/validate/external_settings.hpp"
#include "stages/validate/finding.hpp"
#include "stages/validate/web_answer.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace deployflow::validate {

struct WebReport {
  std::vector<std::optional<WebAnswer>> answers;  // by place of the link; nullopt: nobody knows
  std::optional<Finding> no_network;              // then of what was asked there is no answer
};

/// Blocking. `now_s`: since the epoch.
WebReport ask_web(Ctx ctx,
                  std::span<const ExternalLink> links,
                  const ExternalSettings& settings,
                  std::int64_t now_s);

}  // namespace deployflow::validate
