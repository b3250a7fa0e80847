#include "stages/upload/explain.hpp"
#include "stages/upload/preview_commands.hpp"
#include "stages/upload/release_commands.hpp"
#include "stages/upload/rollback.hpp"
#include "stages/upload/upload.hpp"

DEPLOYFLOW_PLUGIN("upload",
                  "0.2.0",
                  "Apache-2.0",
                  deployflow::stages::Upload,
                  deployflow::stages::Rollback,
                  deployflow::stages::Releases,
                  deployflow::stages::Unlock,
                  deployflow::stages::Prune,
                  deployflow::stages::Diff,
                  deployflow::stages::Explain,
                  deployflow::stages::Previews,
                  deployflow::stages::RemovePreviews)
