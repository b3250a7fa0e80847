// What a new release consists of: objects of the site, those of the live release that stay a part
// of it, and those that it leaves behind. They are told as two catalogs have them; no third one is
// made.

#pragma once

#include "stages/release/diff.hpp"
#include "stages/release/manifest.hpp"

#include <string_view>
#include <vector>

namespace deployflow::release {

/// In the byte order of keys. `fates`: of sides.owned, the objects of the live release `live_id`.
void each_object_of_release(const Sides& sides,
                            const std::vector<Fate>& fates,
                            std::string_view live_id,
                            const EachObject& object);

}  // namespace deployflow::release
