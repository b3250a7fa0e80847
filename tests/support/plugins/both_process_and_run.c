/* Sets both process and run, of which exactly one is allowed. */
#include "fixture.h"

static const df_stage k_stage = FIXTURE_STAGE("acme/both", 0, NULL, fixture_process, fixture_run);
FIXTURE_PLUGIN("acme", &k_stage)
