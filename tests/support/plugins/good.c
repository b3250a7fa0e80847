/* Keeps every rule: one stage, per artifact, on many threads at once. */
#include "fixture.h"

static df_status process(void* self, df_ctx* ctx, const df_artifact* artifact) {
  fixture_say(self, ctx, DF_STR("acme/seen"), DF_STR("seen by acme/good"), artifact->id);
  return DF_OK;
}

static const df_stage k_stage = FIXTURE_STAGE("acme/good", DF_CAP_PARALLEL, NULL, process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
