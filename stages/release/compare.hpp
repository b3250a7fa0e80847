// What has to be done with each object of an inventory so that a target holds it, and why.

#pragma once

#include "stages/release/holdings.hpp"
#include "stages/release/inventory.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::release {

enum class Verdict : std::uint8_t {
  same,             // held with this content: keep
  absent,           // the key is free: put
  size_differs,     // update
  content_differs,  // update
  undecided         // ETags differ, which does not yet mean that the contents do
};

/// One for each object of the inventory, by its number.
using Verdicts = std::vector<Verdict>;

/// "new", "size differs", "content differs", "same content": the reason in the plan.
std::string_view reason(Verdict verdict);

/// The verdict on every object. `etag_of(i)` is the ETag that the store would give the object's
/// content; it may be costly and is asked for only when the sizes are equal. `otherwise` is the
/// verdict where the sizes are equal and the ETags are not. Pure but for `etag_of`.
Verdicts compare(const Inventory& wanted,
                 const Holdings& held,
                 const std::function<std::string(std::size_t)>& etag_of,
                 Verdict otherwise);

}  // namespace deployflow::release
