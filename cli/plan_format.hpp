// Names of the plan file that its writer and its reader must agree on.

#pragma once

#include "cli/plan_file.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace deployflow::cli {

// Raised with every change of the file, also when a field is added: whoever approves a plan must
// not find that an older deployflow passes over a part of it.
inline constexpr std::uint64_t k_format = 1;
inline constexpr const char* k_format_name = "deployflow_plan";

inline constexpr std::array<std::pair<const char*, std::string Asked::*>, 8> k_asked{{
    {"site", &Asked::site},
    {"name", &Asked::name},
    {"to", &Asked::to},
    {"endpoint_url", &Asked::endpoint_url},
    {"region", &Asked::region},
    {"profile", &Asked::profile},
    {"url", &Asked::url},
    {"config", &Asked::config},
}};

// As in the line `plan` of --json.
inline constexpr std::array<std::pair<const char*, std::uint64_t run::PlanTotals::*>, 7> k_totals{{
    {"new", &run::PlanTotals::put},
    {"changed", &run::PlanTotals::update},
    {"headers", &run::PlanTotals::headers},
    {"copy", &run::PlanTotals::copy},
    {"delete", &run::PlanTotals::remove},
    {"same", &run::PlanTotals::keep},
    {"bytes", &run::PlanTotals::bytes},
}};

}  // namespace deployflow::cli
