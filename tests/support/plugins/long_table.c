/* A stage table of a newer header: members that this host does not know follow, full of junk. */
#include "fixture.h"

typedef struct {
  df_stage known;
  uint64_t junk[8];
} newer_stage;

static const newer_stage k_stage = {{sizeof(newer_stage),
                                     0,
                                     "acme/long-table",
                                     "1.0.0",
                                     "a plugin of the tests",
                                     NULL,
                                     fixture_create,
                                     fixture_configure,
                                     fixture_process,
                                     NULL,
                                     fixture_destroy},
                                    {0xDEADBEEFu, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull}};
FIXTURE_PLUGIN("acme", &k_stage.known)
