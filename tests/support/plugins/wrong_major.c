/* Offers the entry of another major only. */
#include "fixture.h"

DF_EXPORT const void* deployflow_stages_v1(void);

const void* deployflow_stages_v1(void) {
  static const unsigned anything[16] = {0};
  return anything;
}
