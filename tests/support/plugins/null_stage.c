/* The list of stages holds a null pointer. */
#include "fixture.h"

FIXTURE_PLUGIN("acme", NULL)
