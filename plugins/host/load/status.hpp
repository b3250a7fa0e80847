// df_status and Errc are two spellings of one thing; this is where they meet.

#pragma once

#include "plugins/host/base/result.hpp"

#include <deployflow/stage.h>

namespace deployflow::load {

df_status to_status(Errc code);

/// Not for DF_OK. A status that we do not know is DF_FAILED.
Errc to_errc(df_status status);

/// "DF_IO", for messages about broken plugins.
const char* status_name(df_status status);

}  // namespace deployflow::load
