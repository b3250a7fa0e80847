/* Its option schema is not JSON. */
#include "fixture.h"

static const df_stage k_stage = FIXTURE_STAGE(
    "acme/broken-schema", 0, "{\"type\":\"object\",\"properties\":", fixture_process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
