/* The entry function returns no table. */
#include "fixture.h"

const df_plugin* deployflow_stages_v0(void) {
  return NULL;
}
