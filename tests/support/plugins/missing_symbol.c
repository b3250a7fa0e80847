/* Needs a function that no library has: found at load with RTLD_NOW, a dead process at first call
 * without. */
#include "fixture.h"

int acme_function_that_nobody_has(void);

static df_status process(void* self, df_ctx* ctx, const df_artifact* artifact) {
  (void)self;
  (void)ctx;
  (void)artifact;
  return acme_function_that_nobody_has();
}

static const df_stage k_stage = FIXTURE_STAGE("acme/missing-symbol", 0, NULL, process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
