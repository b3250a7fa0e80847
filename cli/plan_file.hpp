// The file that `plan --out` writes and `apply` reads: what was asked, and what would be done.
//
// JSON, one change a line, for people who approve it and for scripts; README.md has its fields. The
// text may come from anywhere: whatever it says, a plan that was read is one that could have been
// written.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/run/plan.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::cli {

inline constexpr std::uint64_t k_largest_plan_file = 64U << 20U;  // bytes: some 250,000 changes

/// What the user asked for, each as it was typed; empty = not given.
struct Asked {
  std::string site, name;
  std::string to, endpoint_url, region, profile, url;
  std::string config;
  std::vector<std::string> plugins;
  bool operator==(const Asked&) const = default;
};

struct PlanFile {
  std::string version;  // of deployflow
  std::string made;     // "2026-11-20T22:33:11Z"
  std::string run;      // id of the run that made it
  Asked asked;
  std::string pipeline;         // the pipeline file, for people; empty = there was none
  std::string pipeline_sha256;  // of its text, lower-case hex
  run::Plan plan;
};

/// Ends with a line feed.
std::string write_plan_file(const PlanFile& file);

/// Errors: `config` naming what is wrong in it, or that a later version made it.
Result<PlanFile> read_plan_file(std::string_view text);

}  // namespace deployflow::cli
