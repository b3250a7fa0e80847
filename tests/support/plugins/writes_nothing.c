/* Keeps every rule: may write to stores, so it waits behind the barrier, and only says that it ran.
 */
#include "fixture.h"

static df_status run(void* self, df_ctx* ctx, const df_run_info* info) {
  (void)info;
  fixture_say(self, ctx, DF_STR("acme/ran"), DF_STR("past the barrier"), 0);
  return DF_OK;
}

static const df_stage k_stage =
    FIXTURE_STAGE("acme/writes-nothing", DF_CAP_REMOTE_WRITE, NULL, NULL, run);
FIXTURE_PLUGIN("acme", &k_stage)
