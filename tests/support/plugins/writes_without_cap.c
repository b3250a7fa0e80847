/* Puts an object without DF_CAP_REMOTE_WRITE, and says in INFO findings what the host answered:
 * "acme/put" for the operation, "acme/batch" for the batch. */
#include "fixture.h"

typedef struct {
  void* self;
  df_ctx* ctx;
  df_str target;
  int given;
} batch_state;

static df_status next(void* user, df_op* op) {
  batch_state* state = user;
  if (state->given != 0) {
    return DF_NOT_FOUND;
  }
  state->given = 1;
  op->kind = DF_OP_PUT;
  op->target = state->target;
  op->key = DF_STR("written-without-permission.txt");
  op->bytes = DF_STR("no");
  op->media_type = DF_STR("text/plain");
  return DF_OK;
}

static void done(void* user, const df_op_result* result) {
  const batch_state* state = user;
  fixture_say_status(state->self, state->ctx, DF_STR("acme/put"), result->status);
}

/* The option `to` is asked for when it is used: an instance here holds nothing but the host. */
static df_str g_target;
static char g_target_bytes[256];

static df_status configure(void* self, df_ctx* ctx, const df_value* options) {
  const df_host* host = fixture_host(self);
  df_str name = {NULL, 0};
  const df_status status = host->value_str(ctx, host->value_key(ctx, options, DF_STR("to")), &name);
  if (status != DF_OK || name.n > sizeof g_target_bytes) {
    return DF_BAD_OPTIONS;
  }
  memcpy(g_target_bytes, name.p, name.n);
  g_target = (df_str){g_target_bytes, name.n};
  return DF_OK;
}

static df_status run(void* self, df_ctx* ctx, const df_run_info* info) {
  const df_objectstore* store = fixture_host(self)->query(ctx, DF_OBJECTSTORE);
  batch_state state = {self, ctx, g_target, 0};
  df_batch batch = {sizeof batch, 0, &state, next, done};
  (void)info;
  if (store == NULL) {
    return DF_UNSUPPORTED;
  }
  fixture_say_status(self, ctx, DF_STR("acme/batch"), store->batch(ctx, &batch));
  return DF_OK;
}

static const df_stage k_stage = {sizeof(df_stage),
                                 DF_CAP_REMOTE_READ,
                                 "acme/writes-without-cap",
                                 "1.0.0",
                                 "a plugin of the tests",
                                 "{\"type\":\"object\",\"required\":[\"to\"],\"properties\":"
                                 "{\"to\":{\"type\":\"string\",\"format\":\"target\"}}}",
                                 fixture_create,
                                 configure,
                                 NULL,
                                 run,
                                 fixture_destroy};
FIXTURE_PLUGIN("acme", &k_stage)
