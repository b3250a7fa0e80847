/* A stage without a name. */
#include "fixture.h"

static const df_stage k_stage = FIXTURE_STAGE(NULL, 0, NULL, fixture_process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
