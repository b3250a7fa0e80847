// From which version of the source an object in a destination was made.
//
// Two stores may give the same bytes different ETags: parts of another size, encryption with a
// managed key, a gateway that makes them up. So each transfer writes the source's ETag into the new
// object's metadata, and where sizes agree and ETags do not, the destination is asked for it: one
// HEAD instead of a transfer at every run.

#pragma once

#include "stages/release/compare.hpp"
#include "stages/release/inventory.hpp"

#include <deployflow/stage.hpp>

#include <string_view>
#include <vector>

namespace deployflow::stages {

inline constexpr std::string_view k_source_etag_header = "x-amz-meta-deployflow-source-etag";

/// One destination on its way to a plan.
struct Destination {
  std::string_view target;
  release::Verdicts verdicts;
};

/// Decide what is `undecided`: `same` if the destination's object says that it was made from the
/// source's present version, else `content_differs`, also when it cannot be asked. Throws Cancelled
/// if interrupted.
void decide_by_provenance(const Store& store,
                          const release::Inventory& source,
                          std::vector<Destination>& destinations);

}  // namespace deployflow::stages
