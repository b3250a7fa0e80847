// The only dlopen of the host.
//
// RTLD_NOW: a missing symbol is an error at load, not the death of the process at its first call.
// RTLD_LOCAL: two plugins do not see each other's symbols. RTLD_NODELETE, and no dlclose: a
// thread-local destructor that runs after an unload is a crash. Absolute paths only: with a bare
// name, or an empty entry in LD_LIBRARY_PATH, the current folder would decide what is run.

#pragma once

#include "plugins/host/base/result.hpp"

#include <deployflow/stage.h>

#include <cstdint>
#include <string>

namespace deployflow::load {

/// How far a file's place is trusted.
enum class Trust : std::uint8_t {
  named,    // the user named this very file: it must not be writable by everybody
  folder,   // found in a folder: it must also belong to root or to us
  shipped,  // came with the executable
};

/// Load the plugin at `path` (absolute) and call its entry function. `where` is for messages.
/// The table lives until the process ends. Errors: `plugin`, with dlerror() verbatim.
Result<const df_plugin*> load_plugin(const std::string& path,
                                     Trust trust,
                                     const std::string& where);

}  // namespace deployflow::load
