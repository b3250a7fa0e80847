// Operations after the run was interrupted: to let go of what others wait for, such as a lock.
//
// Everything of the run is stopped by then, so they go over stores of their own, for a short time.

#pragma once

#include "plugins/host/run/stage_call.hpp"

#include <deployflow/stage.h>

namespace deployflow::run {

/// As df_objectstore.batch, of a batch with DF_BATCH_FAREWELL.
df_status run_farewell(df_ctx* ctx, const df_batch& batch) noexcept;

}  // namespace deployflow::run
