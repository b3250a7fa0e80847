/* What the plugins of the loader's tests share: callbacks that do next to nothing, and the tables
 * around them. Each plugin breaks one rule of stage.h, or none, and says which in its first line.
 */
#ifndef DEPLOYFLOW_TESTS_PLUGIN_FIXTURE_H
#define DEPLOYFLOW_TESTS_PLUGIN_FIXTURE_H
#include <deployflow/stage.h>

#include <string.h>

/* An instance is nothing but its host table. */
static inline df_status fixture_create(df_ctx* ctx, const df_host* host, void** self) {
  (void)ctx;
  memcpy(self, &host, sizeof host);
  return DF_OK;
}

static inline const df_host* fixture_host(const void* self) {
  return (const df_host*)self;
}

static inline df_status fixture_configure(void* self, df_ctx* ctx, const df_value* options) {
  (void)self;
  (void)ctx;
  (void)options;
  return DF_OK;
}

static inline df_status fixture_process(void* self, df_ctx* ctx, const df_artifact* artifact) {
  (void)self;
  (void)ctx;
  (void)artifact;
  return DF_OK;
}

static inline df_status fixture_run(void* self, df_ctx* ctx, const df_run_info* info) {
  (void)self;
  (void)ctx;
  (void)info;
  return DF_OK;
}

static inline void fixture_destroy(void* self) {
  (void)self;
}

static inline void fixture_say(
    const void* self, df_ctx* ctx, df_str code, df_str message, uint64_t artifact_id) {
  df_finding finding;
  memset(&finding, 0, sizeof finding);
  finding.struct_size = sizeof finding;
  finding.severity = DF_INFO;
  finding.code = code;
  finding.message = message;
  finding.artifact_id = artifact_id;
  fixture_host(self)->finding(ctx, &finding);
}

/* "status 7", for a test to read what a host call answered. */
static inline void fixture_say_status(const void* self,
                                      df_ctx* ctx,
                                      df_str code,
                                      df_status status) {
  char text[] = "status ??";
  if (status >= 0 && status < 100) {
    text[7] = (char)('0' + status / 10);
    text[8] = (char)('0' + status % 10);
  }
  fixture_say(self, ctx, code, (df_str){text, sizeof text - 1}, 0);
}

/* A stage type that keeps the rules; NAME may be NULL. */
#define FIXTURE_STAGE(NAME, CAPS, SCHEMA, PROCESS, RUN)                                           \
  {                                                                                               \
    sizeof(df_stage), (CAPS), (NAME), "1.0.0", "a plugin of the tests", (SCHEMA), fixture_create, \
        fixture_configure, (PROCESS), (RUN), fixture_destroy                                      \
  }

/* The entry function over one stage table. */
#define FIXTURE_PLUGIN(NAME, STAGE)                                                 \
  const df_plugin* deployflow_stages_v0(void) {                                     \
    static const df_stage* const stages[] = {STAGE};                                \
    static const df_plugin plugin = {                                               \
        sizeof(df_plugin), DF_ABI_MINOR, (NAME), "1.0.0", "Apache-2.0", stages, 1}; \
    return &plugin;                                                                 \
  }

#endif
