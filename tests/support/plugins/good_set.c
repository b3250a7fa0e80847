/* Keeps every rule: one stage over the whole set, with an option; its output "count" is the
 * artifacts seen. */
#include "fixture.h"

static df_status run(void* self, df_ctx* ctx, const df_run_info* info) {
  const df_host* host = fixture_host(self);
  df_cursor* cursor = NULL;
  df_status status = host->artifacts(ctx, (df_str){NULL, 0}, &cursor);
  const df_artifact* artifact = NULL;
  char digits[20];
  size_t first = sizeof digits;
  uint64_t count = 0;
  (void)info;
  while (status == DF_OK && (status = host->next(ctx, cursor, &artifact)) == DF_OK) {
    ++count;
  }
  if (status != DF_NOT_FOUND) {
    return status;
  }
  do {
    digits[--first] = (char)('0' + count % 10);
    count /= 10;
  } while (count != 0);
  return host->set_output(ctx, DF_STR("count"), (df_str){digits + first, sizeof digits - first});
}

static const df_stage k_stage =
    FIXTURE_STAGE("acme/good-set",
                  0,
                  "{\"type\":\"object\",\"properties\":{\"note\":{\"type\":\"string\"}}}",
                  NULL,
                  run);
FIXTURE_PLUGIN("acme", &k_stage)
