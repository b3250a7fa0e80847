/* Compiled, so it says, with the header of another minor. While the major is 0 that is another
 * contract. */
#include "fixture.h"

static const df_stage k_stage = FIXTURE_STAGE("acme/good", 0, NULL, fixture_process, NULL);

const df_plugin* deployflow_stages_v0(void) {
  static const df_stage* const stages[] = {&k_stage};
  static const df_plugin plugin = {
      sizeof(df_plugin), DF_ABI_MINOR + 1, "acme", "1.0.0", "Apache-2.0", stages, 1};
  return &plugin;
}
