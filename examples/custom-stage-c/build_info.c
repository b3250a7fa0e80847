/* example/build-info: adds one file to the site, a JSON list of all others with their sizes and
 * digests.
 *
 * Plain C99 over stage.h. run() sees the whole set at once; whatever it adds is uploaded like any
 * file. */
#include <deployflow/stage.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char k_options[] =
    "{"
    "  \"type\": \"object\","
    "  \"properties\": {"
    "    \"key\": {\"type\": \"string\", \"pattern\": \"^[A-Za-z0-9._/-]+$\", \"maxLength\": 200,"
    "            \"default\": \"build-info.json\", \"description\": \"where the list is put\"},"
    "    \"files\": {\"type\": \"string\", \"format\": \"glob\", \"default\": \"**\","
    "              \"description\": \"which files are listed\"},"
    "    \"digest\": {\"type\": \"string\", \"enum\": [\"sha256\", \"md5\"], \"default\": "
    "\"sha256\"}"
    "  }"
    "}";

/* A host string lives until the callback returns; what an instance keeps, it copies. */
typedef struct {
  const df_host* host;
  char key[201], files[1024], digest[8];
} build_info;

/* Text that grows. `failed` is looked at once, at the end. */
typedef struct {
  char* p;
  size_t n, cap;
  int failed;
} buffer;

static void append(buffer* b, const char* p, size_t n) {
  if (!b->failed && b->cap - b->n < n) {
    const size_t cap = b->cap * 2 > b->n + n ? b->cap * 2 : b->n + n + 4096;
    char* grown = (char*)realloc(b->p, cap);
    b->failed = grown == NULL;
    if (grown != NULL) {
      b->p = grown;
      b->cap = cap;
    }
  }
  if (!b->failed && n != 0) {
    memcpy(b->p + b->n, p, n);
    b->n += n;
  }
}

static void append_text(buffer* b, const char* text) {
  append(b, text, strlen(text));
}

static void append_json(buffer* b, df_str s) {
  size_t i;
  append(b, "\"", 1);
  for (i = 0; i < s.n; ++i) {
    const unsigned char c = (unsigned char)s.p[i];
    char escaped[8];
    if (c == '"' || c == '\\') {
      append(b, "\\", 1);
    }
    if (c < 0x20) {
      append(b, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)c));
    } else {
      append(b, s.p + i, 1);
    }
  }
  append(b, "\"", 1);
}

static void say(
    const df_host* host, df_ctx* ctx, int32_t severity, df_str code, df_str message, df_pos at) {
  df_finding finding;
  memset(&finding, 0, sizeof finding);
  finding.struct_size = sizeof finding;
  finding.severity = severity;
  finding.code = code;
  finding.message = message;
  finding.at = at;
  host->finding(ctx, &finding);
}

static df_status fail(const df_host* host, df_ctx* ctx, df_status status, df_str message) {
  const df_pos nowhere = {{NULL, 0}, 0, 0, 0, 0};
  if (status != DF_CANCELLED) { /* the host knows that it interrupted the run */
    say(host, ctx, DF_ERROR, DF_STR("example/build-info"), message, nowhere);
  }
  return status;
}

static df_status create(df_ctx* ctx, const df_host* host, void** self) {
  build_info* made = (build_info*)calloc(1, sizeof *made);
  /* Every member of a table may be absent in another version of the host: ask before the first use.
   */
  if (!DF_HAS(host, digest) || !DF_HAS(host, put_bytes)) {
    free(made);
    return fail(host, ctx, DF_UNSUPPORTED, DF_STR("this host has no digests or cannot add files"));
  }
  if (made == NULL) {
    return fail(host, ctx, DF_INTERNAL, DF_STR("out of memory"));
  }
  made->host = host;
  *self = made;
  return DF_OK;
}

/* Copy a string option, which the schema made sure is there. */
static df_status copy_option(const build_info* self,
                             df_ctx* ctx,
                             const df_value* options,
                             df_str key,
                             char* out,
                             size_t cap) {
  const df_host* host = self->host;
  const df_value* value = host->value_key(ctx, options, key);
  df_str text = {NULL, 0};
  df_pos at = {{NULL, 0}, 0, 0, 0, 0};
  const df_status status = host->value_str(ctx, value, &text);
  if (status != DF_OK) {
    return fail(host, ctx, status, DF_STR("an option cannot be read"));
  }
  if (text.n >= cap) {
    host->value_pos(ctx, value, &at);
    say(host, ctx, DF_ERROR, DF_STR("example/option"), DF_STR("this option is too long"), at);
    return DF_BAD_OPTIONS;
  }
  memcpy(out, text.p, text.n);
  out[text.n] = '\0';
  return DF_OK;
}

static df_status configure(void* instance, df_ctx* ctx, const df_value* options) {
  build_info* self = (build_info*)instance;
  df_status status = copy_option(self, ctx, options, DF_STR("key"), self->key, sizeof self->key);
  if (status == DF_OK) {
    status = copy_option(self, ctx, options, DF_STR("files"), self->files, sizeof self->files);
  }
  if (status == DF_OK) {
    status = copy_option(self, ctx, options, DF_STR("digest"), self->digest, sizeof self->digest);
  }
  return status;
}

static df_str str(const char* text) {
  const df_str s = {text, strlen(text)};
  return s;
}

/* One line of the list for each artifact; DF_OK after the last. */
static df_status list_artifacts(const build_info* self, df_ctx* ctx, buffer* out, uint64_t* count) {
  const df_host* host = self->host;
  const df_artifact* artifact = NULL;
  df_cursor* cursor = NULL;
  df_status status = host->artifacts(ctx, str(self->files), &cursor);
  while (status == DF_OK && (status = host->next(ctx, cursor, &artifact)) == DF_OK) {
    df_str hex = {NULL, 0};
    char size[40];
    if (host->cancelled(ctx)) { /* a digest may take long: ask between two of them */
      return DF_CANCELLED;
    }
    if (artifact->key.n == strlen(self->key) &&
        memcmp(artifact->key.p, self->key, artifact->key.n) == 0) {
      continue; /* a list from an earlier build does not list itself */
    }
    status = host->digest(ctx, artifact->id, str(self->digest), &hex);
    if (status != DF_OK) {
      return status;
    }
    snprintf(size, sizeof size, ", \"size\": %" PRIu64 ", ", artifact->size);
    append_text(out, *count == 0 ? "\n    {\"key\": " : ",\n    {\"key\": ");
    append_json(out, artifact->key);
    append_text(out, size);
    append_json(out, str(self->digest));
    append_text(out, ": ");
    append_json(out, hex);
    append_text(out, "}");
    ++*count;
  }
  return status == DF_NOT_FOUND ? DF_OK : status;
}

static df_status run(void* instance, df_ctx* ctx, const df_run_info* info) {
  const build_info* self = (const build_info*)instance;
  const df_host* host = self->host;
  const df_str key = str(self->key);
  const df_pos nowhere = {{NULL, 0}, 0, 0, 0, 0};
  const df_artifact* existing = NULL;
  buffer out = {NULL, 0, 0, 0};
  uint64_t count = 0, id = 0;
  char digits[24];
  df_status status;
  (void)info;

  if (host->find(ctx, key, &existing) == DF_OK) {
    say(host,
        ctx,
        DF_WARN,
        DF_STR("example/replaced"),
        DF_STR("the site has a file of this name; it is replaced"),
        nowhere);
  }
  append_text(&out, "{\n  \"files\": [");
  status = list_artifacts(self, ctx, &out, &count);
  append_text(&out, "\n  ]\n}\n");
  if (status == DF_OK && out.failed) {
    status = DF_INTERNAL;
  }
  if (status == DF_OK) {
    const df_str bytes = {out.p, out.n};
    const df_str from_the_key = {NULL, 0}; /* the media type that ".json" has */
    status = host->put_bytes(ctx, key, bytes, from_the_key, &id);
  }
  free(out.p);
  if (status != DF_OK) {
    return fail(host, ctx, status, DF_STR("the list of files cannot be made"));
  }
  snprintf(digits, sizeof digits, "%" PRIu64, count);
  return host->set_output(ctx, DF_STR("files"), str(digits));
}

static void destroy(void* instance) {
  free(instance);
}

const df_plugin* deployflow_stages_v0(void) {
  static const df_stage build_info_stage = {
      sizeof(df_stage),
      DF_CAP_READS_CONTENT | DF_CAP_CHANGES_SET,
      "example/build-info",
      "1.0.0",
      "Add a JSON list of all files with their digests",
      k_options,
      create,
      configure,
      NULL, /* process */
      run,
      destroy,
  };
  static const df_stage* const stages[] = {&build_info_stage};
  static const df_plugin plugin = {
      sizeof(df_plugin), DF_ABI_MINOR, "example", "1.0.0", "Apache-2.0", stages, 1};
  return &plugin;
}
