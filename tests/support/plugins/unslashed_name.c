/* Tries to take the place of a stage that ships. */
#include "fixture.h"

static const df_stage k_stage = FIXTURE_STAGE("validate", 0, NULL, fixture_process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
