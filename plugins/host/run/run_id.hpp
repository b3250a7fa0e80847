// Names of runs and, later, releases: they sort by time.

#pragma once

#include "plugins/host/base/time.hpp"

#include <string>

namespace deployflow::run {

/// "20261120T223311Z-9f2c1a": UTC time and 24 random bits.
std::string make_run_id(const Clock& clock);

}  // namespace deployflow::run
