/* Fails and gives no finding that says why. */
#include "fixture.h"

static df_status process(void* self, df_ctx* ctx, const df_artifact* artifact) {
  (void)self;
  (void)ctx;
  (void)artifact;
  return DF_FAILED;
}

static const df_stage k_stage = FIXTURE_STAGE("acme/fails-silently", 0, NULL, process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
