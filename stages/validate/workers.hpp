// Work on many things at once, on threads that end before the call does, as stage.h asks.

#pragma once

#include <cstddef>
#include <functional>

namespace deployflow::validate {

/// What one thread does with the i-th thing.
using Work = std::function<void(std::size_t i)>;

/// Call the work for each i in [0, count), on a thread for each core. `make` is called once on each
/// thread and gives it work of its own, so that what a thread needs again and again is its own. The
/// first exception ends it all and comes out here.
void work_on_all(std::size_t count, const std::function<Work()>& make);

}  // namespace deployflow::validate
