// Where what is only kept to save time lies on this machine: it can be deleted at any time.

#pragma once

#include "plugins/host/base/environment.hpp"

#include <optional>
#include <string>

namespace deployflow {

/// The folder, made if it is not there (mode 0700): $DEPLOYFLOW_CACHE_DIR, else
/// $XDG_CACHE_HOME/deployflow, else $HOME/.cache/deployflow. nullopt if none is named, it cannot be
/// made, it lies on a network's file system, where files cannot be locked and mapped as databases
/// need it, or the home is another user's (sudo).
std::optional<std::string> make_cache_folder(const Environment& environment);

}  // namespace deployflow
