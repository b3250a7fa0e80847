/* Changes the artifact set in every way without DF_CAP_CHANGES_SET, and says in INFO findings what
 * the host answered. */
#include "fixture.h"

static df_status process(void* self, df_ctx* ctx, const df_artifact* artifact) {
  const df_host* host = fixture_host(self);
  uint64_t id = 0;
  fixture_say_status(
      self,
      ctx,
      DF_STR("acme/put-bytes"),
      host->put_bytes(ctx, DF_STR("new.txt"), DF_STR("new"), (df_str){NULL, 0}, &id));
  fixture_say_status(
      self,
      ctx,
      DF_STR("acme/put-file"),
      host->put_file(ctx, DF_STR("new.txt"), artifact->path, (df_str){NULL, 0}, &id));
  fixture_say_status(self,
                     ctx,
                     DF_STR("acme/set-media-type"),
                     host->set_media_type(ctx, artifact->id, DF_STR("text/x-acme")));
  fixture_say_status(
      self,
      ctx,
      DF_STR("acme/set-header"),
      host->set_header(ctx, artifact->id, DF_STR("cache-control"), DF_STR("no-store")));
  fixture_say_status(self, ctx, DF_STR("acme/drop"), host->drop(ctx, artifact->id));
  return DF_OK;
}

static const df_stage k_stage =
    FIXTURE_STAGE("acme/changes-set-without-cap", DF_CAP_READS_CONTENT, NULL, process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
