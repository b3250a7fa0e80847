/* Keeps every rule: gives the findings that the file `say` of the site spells out, byte for byte,
 * so that a test can have any text in any place. Records end with RS (0x1e), their nine fields with
 * US (0x1f): severity, line, column, end line, end column, code, key of a file of the site,
 * message, hint.
 */
#include "fixture.h"

#include <stdlib.h>

static df_str take(const char** at, const char* end, char stop) {
  const char* start = *at;
  const char* found = memchr(start, stop, (size_t)(end - start));
  if (found == NULL) {
    *at = end;
    return (df_str){start, (size_t)(end - start)};
  }
  *at = found + 1;
  return (df_str){start, (size_t)(found - start)};
}

static uint32_t number(df_str text) {
  uint32_t value = 0;
  for (size_t i = 0; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; ++i) {
    value = value * 10 + (uint32_t)(text.p[i] - '0');
  }
  return value;
}

static void say(const df_host* host, df_ctx* ctx, df_str record) {
  const char* at = record.p;
  const char* end = at + record.n;
  df_finding finding;
  memset(&finding, 0, sizeof finding);
  finding.struct_size = sizeof finding;
  finding.severity = (int32_t)number(take(&at, end, '\x1f'));
  finding.at.line = number(take(&at, end, '\x1f'));
  finding.at.col = number(take(&at, end, '\x1f'));
  finding.at.end_line = number(take(&at, end, '\x1f'));
  finding.at.end_col = number(take(&at, end, '\x1f'));
  finding.code = take(&at, end, '\x1f');
  const df_artifact* artifact = NULL;
  if (host->find(ctx, take(&at, end, '\x1f'), &artifact) == DF_OK) {
    finding.artifact_id = artifact->id;
  }
  finding.message = take(&at, end, '\x1f');
  finding.hint = take(&at, end, '\x1f');
  host->finding(ctx, &finding);
}

static df_status process(void* self, df_ctx* ctx, const df_artifact* artifact) {
  const df_host* host = fixture_host(self);
  if (artifact->key.n != 3 || memcmp(artifact->key.p, "say", 3) != 0) {
    return DF_OK;
  }
  const uint64_t id = artifact->id;
  const uint64_t size = artifact->size;
  char* text = malloc((size_t)size + 1);
  if (text == NULL) {
    return DF_FAILED;
  }
  uint64_t got = 0;
  const df_status status = host->read(ctx, id, 0, (uint8_t*)text, size, &got);
  const char* at = text;
  const char* end = text + got;
  while (status == DF_OK && at < end) {
    say(host, ctx, take(&at, end, '\x1e'));
  }
  free(text);
  return status;
}

static const df_stage k_stage =
    FIXTURE_STAGE("acme/says", DF_CAP_READS_CONTENT, NULL, process, NULL);
FIXTURE_PLUGIN("acme", &k_stage)
