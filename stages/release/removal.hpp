// Removes a deployment from its target: what its releases say they stored, and then what they say.
//
// Pages go first, then the files that they need, then the reserved folder, in it the mark of the
// preview last. So a removal that is cut off leaves no page without its files, and as long as
// anything is left there is the mark to find it by and the manifests to know it by: the next one
// finishes.

#pragma once

#include <deployflow/stage.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

struct Removed {
  std::uint64_t objects = 0, bytes = 0;  // of the site
  std::vector<std::string> left;         // keys of what others put there or replaced
};

/// Under the lock, which stays; `may_write` tells whether it is still held. `reason`: for the plan.
/// A dry run tells what would be removed. Throws Failure, Cancelled.
Removed remove_deployment(Ctx ctx,
                          const Store& store,
                          const std::string& target,
                          std::string_view stage,
                          const std::string& reason,
                          const std::function<df_status()>& may_write);

}  // namespace deployflow::release
