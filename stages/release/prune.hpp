// Forgets releases: their manifests, and the contents that no kept release needs.

#pragma once

#include "stages/release/manifest.hpp"

#include <deployflow/stage.hpp>

#include <cstdint>
#include <functional>
#include <string_view>

namespace deployflow::release {

struct Pruned {
  std::uint64_t releases = 0, blobs = 0, bytes = 0;  // bytes: of the blobs
};

/// Delete every manifest and blob that `kept`, which is live already, does not need. Nothing is
/// deleted if the manifest of a kept release cannot be read. Throws Failure, Cancelled.
Pruned prune_releases(Ctx ctx,
                      const Store& store,
                      std::string_view target,
                      std::string_view stage,
                      const Current& kept,
                      const std::function<bool()>& may_write);

}  // namespace deployflow::release
