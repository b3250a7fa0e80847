/* A shared object like any other: no entry function at all. */
#include <deployflow/stage.h>

DF_EXPORT int acme_answer(void);

int acme_answer(void) {
  return 42;
}
