/* A name outside [a-z0-9-]+/[a-z0-9-]+. */
#include "fixture.h"

static const df_stage k_stage = FIXTURE_STAGE("Acme/Good", 0, NULL, fixture_process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
