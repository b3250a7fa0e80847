/* Returns a status that this contract does not have: to be read as DF_FAILED. */
#include "fixture.h"

static df_status process(void* self, df_ctx* ctx, const df_artifact* artifact) {
  (void)self;
  (void)ctx;
  (void)artifact;
  return 77;
}

static const df_stage k_stage = FIXTURE_STAGE("acme/crashes-not", 0, NULL, process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
