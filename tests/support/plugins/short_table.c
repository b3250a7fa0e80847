/* A stage table of an older header that ended after process: what follows is not the host's to
 * read. A sanitizer sees it if the host does. */
#include "fixture.h"

typedef struct {
  uint32_t struct_size, caps;
  const char *name, *version, *summary, *options_schema;
  df_status (*create)(df_ctx*, const df_host*, void**);
  df_status (*configure)(void*, df_ctx*, const df_value*);
  df_status (*process)(void*, df_ctx*, const df_artifact*);
} older_stage;

_Static_assert(sizeof(older_stage) == offsetof(df_stage, run), "a prefix of df_stage");

const df_plugin* deployflow_stages_v0(void) {
  static const older_stage stage = {sizeof(older_stage),
                                    0,
                                    "acme/short-table",
                                    "1.0.0",
                                    "a plugin of the tests",
                                    NULL,
                                    fixture_create,
                                    fixture_configure,
                                    fixture_process};
  static const df_stage* const stages[] = {(const df_stage*)&stage};
  static const df_plugin plugin = {
      sizeof(df_plugin), DF_ABI_MINOR, "acme", "1.0.0", "Apache-2.0", stages, 1};
  return &plugin;
}
