/* Sets neither process nor run. */
#include "fixture.h"

static const df_stage k_stage = FIXTURE_STAGE("acme/neither", 0, NULL, NULL, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
