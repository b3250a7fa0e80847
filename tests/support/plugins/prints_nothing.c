/* Keeps every rule and has nothing to say. */
#include "fixture.h"

static const df_stage k_stage =
    FIXTURE_STAGE("acme/prints-nothing", DF_CAP_PARALLEL, NULL, fixture_process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
