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

using EachDigest = std::function<void(const Sha256&)>;
/// Hands on the digest of each object of a release that is in memory anyway; false if it is not.
using KnownContents = std::function<bool(std::string_view id, const EachDigest& digest)>;

/// Delete every manifest and blob that `kept`, which is live already, does not need. No manifest
/// is read that `known` has, and none any more when all blobs are needed; if one that has to be
/// read cannot be, nothing is deleted. Throws Failure, Cancelled.
Pruned prune_releases(Ctx ctx,
                      const Store& store,
                      std::string_view target,
                      std::string_view stage,
                      const Current& kept,
                      const std::function<bool()>& may_write,
                      const KnownContents& known = nullptr);

}  // namespace deployflow::release
