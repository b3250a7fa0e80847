// What no listing tells, asked of the store: the headers of an object, and whether it has the
// wanted content where ETags do not say.
//
// For content the cheapest proof counts: a digest in the object's metadata (rclone and s3cmd leave
// one), then its bytes, read and laid beside the file's.

#pragma once

#include "stages/release/diff.hpp"

#include <deployflow/stage.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace deployflow::release {

/// Are these bytes, which stand at `offset` of the target's object, those of wanted object `i`?
/// Null if there is nothing to compare with.
using SameBytes = std::function<bool(
    std::size_t i, std::uint64_t offset, const std::uint8_t* bytes, std::uint64_t count)>;

/// Decide every change that has a question. Throws Cancelled; an object that cannot be asked is
/// sent again.
void settle_questions(const Store& store,
                      std::string_view target,
                      const Sides& sides,
                      std::vector<Change>& changes,
                      const SameBytes& same_bytes);

}  // namespace deployflow::release
