/* A stage table too short to hold even a name. */
#include "fixture.h"

const df_plugin* deployflow_stages_v0(void) {
  static const uint32_t stage[2] = {sizeof stage, 0};
  static const df_stage* const stages[] = {(const df_stage*)(const void*)stage};
  static const df_plugin plugin = {
      sizeof(df_plugin), DF_ABI_MINOR, "acme", "1.0.0", "Apache-2.0", stages, 1};
  return &plugin;
}
