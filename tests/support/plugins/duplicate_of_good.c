/* Keeps every rule, but another file (good.c) offers the same name. */
#include "fixture.h"

static const df_stage k_stage = FIXTURE_STAGE("acme/good", 0, NULL, fixture_process, NULL);
FIXTURE_PLUGIN("acme-again", &k_stage)
