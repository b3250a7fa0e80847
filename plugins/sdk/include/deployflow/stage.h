/* clang-format off */
/* deployflow/stage.h - the stage ABI, major version 0. C99, no dependency. The contract, not an SDK.
 *
 * A plugin is a shared object that exports one function, deployflow_stages_v0(). It returns a static
 * table of the stage types that the plugin offers. The host creates an instance of a type for each
 * entry of `stages:` in a pipeline and calls it; the stage calls the host through one table, df_host.
 *
 * GROWTH: fields are only appended to tables; nothing is removed, reordered or retyped inside a major.
 *   Every table starts with struct_size = sizeof in the header its *author* compiled with. The reader
 *   uses min(struct_size, its own sizeof); an absent or NULL member = "not offered". Structs without
 *   struct_size (df_str, df_pos, df_header) are frozen for ever.
 *   While the major is 0 the minor must match exactly: no 0.x binary is ever misread.
 * MEMORY: every pointer is borrowed for the duration of the call it is passed to. What the host hands
 *   out lives until the stage callback whose df_ctx was passed returns, unless a shorter life is given
 *   below. Nobody frees what the other side allocated. Longer-lived, by exception: the df_host table
 *   until destroy() returns; the plugin's static tables for ever.
 * ERRORS: no exception, panic or longjmp crosses the line. A failing callback first calls
 *   host->finding (severity ERROR) and then returns a status; an unknown status is read as DF_FAILED.
 *   An ERROR finding fails the stage even if the status is DF_OK: a checker reports everything it
 *   finds and returns DF_OK. When a host call fails for a reason in the world (a file, a store), the
 *   host has given the finding already and the stage only passes the status on; batch() alone leaves
 *   that to the stage, which knows what each operation was for.
 * THREADS: [one]  calls for one instance never overlap (the OS thread may differ from call to call).
 *   [many] may overlap on one instance. [any] callable from any thread while a callback of this
 *   instance runs. [caller] called on the very thread that made the host call it is passed to.
 *   Threads that a plugin makes are joined before the callback that made them returns.
 * PROCESS: no signal handlers, chdir, umask, setenv, setlocale, exit, dlclose of itself; stdin, stdout
 *   and stderr belong to the host.
 * TEXT: UTF-8, not NUL-terminated. Keys use '/', never start with '/', never hold a ".." segment, and
 *   are relative to the target's prefix.
 * TRUST: a plugin has all rights of the user who runs deployflow. This table is no sandbox.
 */
#ifndef DEPLOYFLOW_STAGE_H
#define DEPLOYFLOW_STAGE_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define DF_ABI_MAJOR 0u
#define DF_ABI_MINOR 3u
#define DF_ENTRY_SYMBOL "deployflow_stages_v0" /* the major is in the name: another one is recognised, not misread */

#if defined(_WIN32)
#define DF_EXPORT __declspec(dllexport)
#else
#define DF_EXPORT __attribute__((visibility("default")))
#endif

/* Does a table that the other side made hold this member, and is it offered? */
#define DF_HAS(tab, member)                                                                  \
  ((tab)->struct_size >= offsetof(__typeof__(*(tab)), member) + sizeof((tab)->member) &&     \
   (tab)->member)

typedef struct { const char *p; size_t n; } df_str;           /* {NULL, 0} = absent */
typedef struct {                                              /* 1-based; 0 = none; end_col is the column after the last */
  df_str file;
  uint32_t line, col, end_line, end_col;
} df_pos;
typedef struct { df_str name, value; } df_header;             /* an HTTP header; name in lower case */

#define DF_STR(literal) ((df_str){(literal), sizeof(literal) - 1})  /* C only; C++: deployflow::cs() */

/* What the machine does next. Fixed width: C enums are not. */
typedef int32_t df_status;
enum {
  DF_OK = 0,
  DF_FAILED = 1,       /* for a reason that the findings tell                           */
  DF_CANCELLED = 2,    /* the run was interrupted                                       */
  DF_BAD_OPTIONS = 3,  /* configure(): what the schema could not check                  */
  DF_AGAIN = 4,        /* df_batch.next: nothing now, ask again after the next result   */
  DF_UNSUPPORTED = 5,
  DF_NOT_FOUND = 6,    /* no such thing; the end of an iteration                        */
  DF_DENIED = 7,       /* credentials missing, refused or expired                       */
  DF_CONFLICT = 8,     /* it changed meanwhile: a file, a conditional write             */
  DF_IO = 9,           /* network or store failed, retries included                     */
  DF_TIMEOUT = 10,
  DF_INTERNAL = 11     /* a bug                                                         */
};

enum { DF_TRACE = 0, DF_DEBUG = 1, DF_INFO = 2, DF_WARN = 3, DF_ERROR = 4 };
enum { DF_NULL = 0, DF_BOOL = 1, DF_INT = 2, DF_REAL = 3, DF_STRING = 4, DF_LIST = 5, DF_MAP = 6 };

/* What a stage does, known before it runs. A declaration that the host enforces where it can: without
 * DF_CAP_REMOTE_WRITE every write to a store answers DF_DENIED, without DF_CAP_CHANGES_SET every change
 * of the artifact set does, without DF_CAP_WEB every request to the web. */
#define DF_CAP_READS_CONTENT (1u << 0) /* reads artifact bytes                                       */
#define DF_CAP_CHANGES_SET   (1u << 1) /* adds, drops or rewrites artifacts, or sets their headers   */
#define DF_CAP_REMOTE_READ   (1u << 2) /* asks an object store                                       */
#define DF_CAP_REMOTE_WRITE  (1u << 3) /* changes an object store: starts only after all earlier
                                          stages finished for all files without an ERROR finding     */
#define DF_CAP_PARALLEL      (1u << 4) /* process() is [many]; else [one]                            */
#define DF_CAP_WEB           (1u << 5) /* asks the web (df_web): no target, no credentials           */

typedef struct df_ctx df_ctx;       /* host: who calls; first argument of every host call. Each callback gets
                                       its own, good until it returns; create()'s until destroy() returns */
typedef struct df_value df_value;   /* host: an option value, defaults filled in, position kept         */
typedef struct df_cursor df_cursor; /* host: an iteration over the artifact set                         */

/* One file of the site. A view that the host makes; one of next(), its key excepted, is valid until next() is
 * called again. */
typedef struct {
  uint32_t struct_size, flags;
  uint64_t id;        /* stable within one run, never 0                                                */
  df_str key;         /* name in the store                                                             */
  df_str path;        /* on disk, for messages; absent when generated in memory                        */
  uint64_t size;      /* bytes                                                                         */
  int64_t mtime_ns;   /* since the epoch; 0 when generated                                             */
  df_str media_type;  /* "text/html; charset=utf-8"                                                    */
} df_artifact;

/* What a stage has to say about an artifact or an option. */
typedef struct {
  uint32_t struct_size;
  int32_t severity;     /* DF_INFO, DF_WARN or DF_ERROR                                                 */
  df_str code;          /* stable id such as "acme/too-big"                                             */
  df_str message;       /* one clause, no final stop                                                    */
  df_str hint;          /* what to do about it; may be absent                                           */
  df_pos at;            /* place in a source file, or value_pos() of an option; file absent = the artifact's path */
  uint64_t artifact_id; /* 0 = none                                                                     */
  uint32_t flags;       /* DF_FINDING_*                                                                 */
  uint32_t reserved;
} df_finding;

#define DF_FINDING_NO_SOURCE (1u << 0) /* what stands at its place or near it is a secret: it is shown nowhere */

/* One change that this run makes, or would make in a dry run. Declared before it is carried out. */
enum { DF_PUT = 1, DF_UPDATE = 2, DF_HEADERS = 3, DF_COPY = 4, DF_DELETE = 5, DF_KEEP = 6,
       DF_SETTING = 7 }; /* of the target's bucket; key: its name, such as "website" */
typedef struct {
  uint32_t struct_size;
  int32_t action;       /* DF_PUT ... DF_SETTING                                                        */
  df_str target, key;
  uint64_t size;        /* bytes that move                                                              */
  df_str reason;        /* "new", "content differs", ...                                                */
} df_plan_entry;

/* How far a stage has brought what visitors of a target see. The host shows the last one after a
 * failure, so a stage says it *before* the first operation that can make it true. */
enum {
  DF_SITE_UNCHANGED = 0, /* nothing was written                                                          */
  DF_SITE_PREPARED = 1,  /* new objects are stored, no page and nothing that a live page uses has changed */
  DF_SITE_CHANGING = 2,  /* some objects that visitors see are new, others not yet                       */
  DF_SITE_CURRENT = 3    /* every object is stored and confirmed                                         */
};

typedef struct {
  uint32_t struct_size;
  uint32_t dry_run;      /* 1: writes to stores are swallowed by the host and answered with success     */
  df_str run_id, stage_id; /* stage_id: "upload", or the `id:` given in the pipeline                    */
  uint64_t artifact_count, artifact_bytes;
  int64_t started_s;     /* since the epoch, by this machine's clock                                    */
  /* Who runs this, as far as the environment says; each may be absent. */
  df_str user, host;
  df_str job_url;        /* of the CI job                                                               */
  df_str commit;         /* of the site's source, as CI or the site's git folder says                   */
  uint32_t site_is_file; /* 1: the user named one file, not a folder: a part of a site                  */
  uint32_t reserved;
} df_run_info;

/* ---- the host, as a stage sees it. Every call is [any]. -------------------------------------------- */
typedef struct df_host {
  uint32_t struct_size, abi_minor;
  df_str name_version;   /* "deployflow 0.1.0", for messages only: never branch on it                   */

  void (*log)(df_ctx *, int32_t level, df_str text);
  /* Cheap; the host limits the rate. total 0 = unknown. what: "files" or such, may be absent. */
  void (*progress)(df_ctx *, uint64_t done, uint64_t total, uint64_t bytes_done, uint64_t bytes_total, df_str what);
  void (*finding)(df_ctx *, const df_finding *);
  void (*plan)(df_ctx *, const df_plan_entry *);
  void (*site_state)(df_ctx *, df_str target, int32_t state);
  /* 1 once the run is interrupted: poll between units of work. Host calls then return DF_CANCELLED. */
  int32_t (*cancelled)(df_ctx *);
  /* A value that scripts may read from the result; json is one JSON text. */
  df_status (*set_output)(df_ctx *, df_str name, df_str json);
  /* A private folder (mode 0700), removed when the stage is destroyed. */
  df_status (*temp_dir)(df_ctx *, df_str *out);

  /* Options: checked against the schema before any stage code ran. */
  int32_t (*value_kind)(df_ctx *, const df_value *);
  uint64_t (*value_count)(df_ctx *, const df_value *list_or_map);
  const df_value *(*value_key)(df_ctx *, const df_value *map, df_str key); /* NULL = absent */
  const df_value *(*value_at)(df_ctx *, const df_value *list_or_map, uint64_t i, df_str *key_out); /* key_out may be NULL */
  df_status (*value_str)(df_ctx *, const df_value *, df_str *out);
  df_status (*value_int)(df_ctx *, const df_value *, int64_t *out); /* also format bytes (in bytes) and duration (in ms); a boolean is 0 or 1 */
  df_status (*value_real)(df_ctx *, const df_value *, double *out);
  df_status (*value_pos)(df_ctx *, const df_value *, df_pos *out);

  /* The artifact set. artifacts(): those that are there, in order of key, closed when the callback returns;
   * key_glob absent = all ('*' stays within a segment, '**' crosses, '?' one character, {a,b} either). next(): DF_NOT_FOUND at
   * the end; what was dropped or replaced before its turn is left out, what was added since is not in it; *out is
   * valid until next() is called again with that cursor: a site has 100,000 files. The text of its key alone
   * stays until the callback returns. */
  df_status (*artifacts)(df_ctx *, df_str key_glob, df_cursor **out);
  df_status (*next)(df_ctx *, df_cursor *, const df_artifact **out);
  df_status (*find)(df_ctx *, df_str key, const df_artifact **out); /* DF_NOT_FOUND */
  /* Bytes from `offset`; *got < cap only at the end. DF_CONFLICT: the file is not the one that was listed. */
  df_status (*read)(df_ctx *, uint64_t id, uint64_t offset, uint8_t *buf, uint64_t cap, uint64_t *got);
  /* Lower-case hex, computed once per content. algorithm: "sha256" or "md5". */
  df_status (*digest)(df_ctx *, uint64_t id, df_str algorithm, df_str *hex_out);
  /* The i-th header of an artifact, media type not among them. DF_NOT_FOUND after the last. */
  df_status (*header_at)(df_ctx *, uint64_t id, uint64_t i, df_header *out);

  /* Changes of the set: need DF_CAP_CHANGES_SET; visible to later stages. put_*: replaces an artifact of
   * the same key; media_type absent = from the key. The host copies bytes; a path must stay until the end. */
  df_status (*put_file)(df_ctx *, df_str key, df_str path, df_str media_type, uint64_t *id_out);
  df_status (*put_bytes)(df_ctx *, df_str key, df_str bytes, df_str media_type, uint64_t *id_out);
  df_status (*drop)(df_ctx *, uint64_t id);
  df_status (*set_media_type)(df_ctx *, uint64_t id, df_str media_type);
  df_status (*set_header)(df_ctx *, uint64_t id, df_str name, df_str value); /* value absent = remove */

  /* Optional tables: DF_OBJECTSTORE, DF_WEB. NULL = this host does not offer it. */
  const void *(*query)(df_ctx *, const char *table_id);

  /* Lower-case hex digests of many artifacts at once, on all cores; what is known from earlier runs is not read
   * again. out: artifact_count strings. */
  df_status (*digests)(df_ctx *, const uint64_t *artifact_ids, uint64_t artifact_count, df_str algorithm, df_str *out);

  /* A line of what the user asked this stage for (a list of releases, ...), for standard output; scripts
   * read set_output() instead. */
  void (*answer)(df_ctx *, df_str line);
  /* A private folder of this stage type that outlives the run, for what only saves time: anybody may empty it
   * at any moment. DF_UNSUPPORTED if there is none on this machine. */
  df_status (*cache_dir)(df_ctx *, df_str *out);
  /* As digests(), as bytes into memory of the stage, so that nothing is kept for it: 32 of each artifact for
   * "sha256", 16 for "md5". */
  df_status (*raw_digests)(df_ctx *, const uint64_t *artifact_ids, uint64_t artifact_count, df_str algorithm, uint8_t *out);
  /* An empty file without a name, open for reading and writing, which the stage closes: however the process
   * ends, nothing is left of it. For DF_OP_PUT its path is "/proc/self/fd/<descriptor>". */
  df_status (*temp_file)(df_ctx *, int32_t *descriptor);
  /* The plan of this stage is whole: after its last plan(), before its first write. Once, for all targets that it
   * will write to: bases[i] is what targets[i] holds that the changes were found against, such as the id of the
   * live release; absent if there is none. DF_CONFLICT: it is not what the user approved (`deployflow apply`);
   * the host has given the finding, and refuses every write to every target. A stage that never calls it is
   * checked at its first write, with no bases. */
  df_status (*planned)(df_ctx *, const df_str *targets, const df_str *bases, uint64_t count);
} df_host;

/* ---- object stores: credentials, signing, TLS, retry and pacing are the host's ---------------------- */
#define DF_OBJECTSTORE "df.objectstore/0"

typedef struct {         /* a target of the pipeline */
  uint32_t struct_size, flags;
  df_str name;           /* as in `targets:`                                                            */
  df_str display;        /* "s3://bucket/prefix"                                                        */
  df_str endpoint, bucket, prefix; /* prefix: "" or ends in '/'                                         */
  df_str url;            /* public URL as configured, ends in '/'; absent if none                       */
  df_str object_base;    /* URL of the endpoint that, with an encoded key appended, names an object     */
  df_str state;          /* where ".deployflow/" is instead of in this target: "s3://bucket/prefix/.deployflow/";
                            absent = in this target. Keys are the same, the host finds the place          */
} df_target_info;

typedef struct {         /* an object as a store describes it */
  uint32_t struct_size, flags;
  df_str key;
  uint64_t size;
  int64_t mtime_s;       /* since the epoch, as the store says                                          */
  df_str etag;           /* without quotes                                                              */
  df_str media_type;     /* head and get only                                                           */
  const df_header *headers; uint64_t header_count; /* head and get only: cache-control, x-amz-meta-*, ... */
  df_str upload_id;      /* list with DF_LIST_UPLOADS only                                              */
  int64_t answered_s;    /* the store's clock when it said so; 0 = not told. Not in list                */
  df_str version_id;     /* list with DF_LIST_VERSIONS only                                             */
} df_object;

enum {
  DF_OP_HEAD = 1,        /* DF_NOT_FOUND when there is none                                             */
  DF_OP_GET = 2,         /* the whole object into `sink`, checked against size and ETag                 */
  DF_OP_PUT = 3,         /* artifact_id, or `bytes` if 0; multipart and its resumption are the host's   */
  DF_OP_COPY = 4,        /* from_key to key inside one target, server side, up to 5 GiB. Confirmed if
                            the copy has the ETag of if_match: TRANSFER finds other ways              */
  DF_OP_DELETE = 5,      /* DF_OK also when there is none                                               */
  DF_OP_TRANSFER = 6,    /* from_target/from_key to target/key with its headers, through bounded memory */
  DF_OP_ABORT_UPLOAD = 7 /* upload_id of key                                                            */
};

typedef struct {         /* one operation; the host clears it before next() fills it */
  uint32_t struct_size;
  int32_t kind;          /* DF_OP_*                                                                     */
  uint64_t tag;          /* the stage's own; comes back with the result                                 */
  df_str target, key;
  df_str from_target, from_key;
  uint64_t artifact_id;  /* PUT: this artifact with its media type and headers                          */
  df_str bytes;          /* PUT without artifact: at most 16 MiB, copied by the host                    */
  df_str media_type;     /* PUT of bytes: required. PUT of an artifact: absent = the artifact's         */
  const df_header *headers; uint64_t header_count; /* PUT: over those of the artifact                   */
  df_str if_match;       /* PUT, COPY, DELETE: only if the object has this ETag, else DF_CONFLICT.
                            TRANSFER, COPY: the ETag that the source must have                          */
  uint32_t if_absent;    /* PUT: only if there is no such object, else DF_CONFLICT                      */
  uint32_t flags;        /* DF_OP_REPLACE, DF_OP_BESIDE_SITE                                            */
  df_str upload_id;      /* ABORT_UPLOAD                                                                */
  uint64_t size;         /* TRANSFER: bytes of the source as listed. COPY: the same, for reports        */
  /* GET: the object's bytes in order, user as in df_batch, tag as above. [caller] */
  df_status (*sink)(void *user, uint64_t tag, const uint8_t *bytes, uint64_t count);
  df_str path;           /* PUT without artifact or bytes: this file, of any size, such as one in temp_dir() */
  df_str from_version;   /* COPY, TRANSFER: of the source; HEAD, GET: of the object. A version as list() names
                            it; absent = the live one                                                   */
} df_op;

#define DF_OP_REPLACE (1u << 0) /* COPY, TRANSFER: media_type and headers in place of the source's      */
#define DF_OP_BESIDE_SITE (1u << 1) /* HEAD, GET of a key below ".deployflow/": that of the site's own bucket,
                                       where it was before the target got a `state`                     */

typedef struct {         /* what came of one operation; valid during done() */
  uint32_t struct_size;
  df_status status;
  uint64_t tag;
  int32_t kind;
  uint32_t attempts;     /* requests that it took, retries included                                     */
  int32_t http_status;   /* of the last answer; 0 = none came                                           */
  uint32_t confirmed;    /* PUT, TRANSFER, COPY: 1 = the store proved size and checksum                 */
  df_object object;      /* what is stored now (PUT, COPY, TRANSFER) or was found (HEAD, GET)           */
  df_str error_code;     /* "SlowDown", ...; may be absent                                              */
  df_str message, hint;  /* for a finding; empty on DF_OK                                               */
} df_op_result;

/* Also after an interruption, for 5 s: to let go of what others wait for. What is under way when the
 * interruption comes answers DF_CANCELLED; give it once more. */
#define DF_BATCH_FAREWELL (1u << 0)

typedef struct {         /* a stream of operations that the host pulls; both callbacks [caller] */
  uint32_t struct_size, flags;
  void *user;
  /* Fill *op (its strings stay valid until the next call of next() or done()); DF_OK = filled,
   * DF_NOT_FOUND = no more, DF_AGAIN = none until another result is in. Anything else ends the batch
   * after what is in flight, and batch() returns it. */
  df_status (*next)(void *user, df_op *op);
  /* Called exactly once for each operation that next() filled, in the order of completion. */
  void (*done)(void *user, const df_op_result *);
} df_batch;

#define DF_LIST_UPLOADS (1u << 0)  /* list(): multipart uploads that were begun and not finished */
#define DF_LIST_VERSIONS (1u << 1) /* list(): every version that the bucket keeps, of each key the newest first,
                                      the live ones among them. DF_UNSUPPORTED: the store has no versions */

enum { DF_VERSIONS_NEVER = 0, DF_VERSIONS_ENABLED = 1, DF_VERSIONS_SUSPENDED = 2 };

typedef struct {         /* how a bucket is served as a website: one for the whole bucket, whatever the target's prefix */
  uint32_t struct_size;
  uint32_t flags;        /* DF_WEBSITE_HAS_MORE                                                         */
  df_str index;          /* name of the object that is shown for a folder: "index.html", without '/'    */
  df_str error_key;      /* what is shown for an object that is not there; under no prefix. Absent = none */
} df_website;

#define DF_WEBSITE_HAS_MORE (1u << 0) /* website(): routing rules or redirects, which set_website() would remove */

typedef struct {         /* every call [any], blocking, cancellable. "name/folder/" in place of a target's name,
                            here and in df_op: that target with the folder behind its prefix and its URL */
  uint32_t struct_size, reserved;
  df_status (*target)(df_ctx *, df_str name, df_target_info *out);
  /* Every object below target and key_prefix, in the order of UTF-8 bytes; each(): [caller], anything but
   * DF_OK ends it. Objects of the reserved folder ".deployflow/" are left out unless asked for by prefix.
   * On failure the host has already given the finding, but for DF_LIST_UPLOADS and DF_LIST_VERSIONS: many stores
   * cannot do that. */
  df_status (*list)(df_ctx *, df_str target, df_str key_prefix, uint32_t flags, void *user,
                    df_status (*each)(void *user, const df_object *));
  /* Runs operations, hundreds at a time, until next() has no more and all are done. DF_OK does not mean
   * that each succeeded: done() tells. */
  df_status (*batch)(df_ctx *, const df_batch *);
  /* The ETags that a store which follows S3's rules gives these artifacts when batch() puts them (MD5, or
   * MD5 of the parts' MD5s and their count), computed on all cores; out: artifact_count strings. */
  df_status (*etags)(df_ctx *, const uint64_t *artifact_ids, uint64_t artifact_count, df_str *out);
  /* The website that the target's bucket is. DF_NOT_FOUND: it is none; DF_UNSUPPORTED: the store has no websites;
   * for both there is no finding. */
  df_status (*website)(df_ctx *, df_str target, df_website *out);
  /* Replaces it whole. DF_UNSUPPORTED as above. */
  df_status (*set_website)(df_ctx *, df_str target, const df_website *);
  /* DF_VERSIONS_*: does the target's bucket keep what is replaced? Never a finding: not everybody may ask. */
  df_status (*versioning)(df_ctx *, df_str target, int32_t *out);
} df_objectstore;

/* ---- the web: does an address answer? ---------------------------------------------------------------
 * For links that lead out of the site. Nothing of a target goes with a request: no credentials, no
 * signature, no cookie; a body is dropped. Only http and https; a name and password in a URL, and its
 * fragment, are left out. The host owns connections, redirects, retry, pacing and where it may go: by
 * default only to addresses of the internet, also after a redirect and whatever a name resolves to. */
#define DF_WEB "df.web/0"

enum { DF_WEB_HEAD = 1, DF_WEB_GET = 2 };

typedef struct {         /* one request; the host clears it before next() fills it */
  uint32_t struct_size;
  int32_t method;        /* DF_WEB_HEAD or DF_WEB_GET, also after a redirect                            */
  uint64_t tag;          /* the stage's own; comes back with the result                                 */
  df_str url;            /* absolute                                                                    */
} df_web_request;

/* Why no answer came. */
enum {
  DF_WEB_OTHER = 1,       /* what came is not HTTP, ...                                                 */
  DF_WEB_BAD_URL = 2,     /* no http or https URL                                                       */
  DF_WEB_UNRESOLVED = 3,  /* nobody knows the host's name, or nobody could be asked                     */
  DF_WEB_REFUSED = 4,     /* the machine is there, and nobody listens                                   */
  DF_WEB_UNREACHABLE = 5, /* no way to the machine, or it does not answer at all                        */
  DF_WEB_TLS = 6,         /* no handshake, or a certificate that does not hold                          */
  DF_WEB_TIMEOUT = 7,     /* connected, and no answer in time                                           */
  DF_WEB_CLOSED = 8,      /* the connection ended before the answer                                     */
  DF_WEB_REDIRECTS = 9,   /* too many, in a circle, or to what is no http or https URL                  */
  DF_WEB_NOT_PUBLIC = 10  /* not asked: an address of this machine or of a private network              */
};

typedef struct {         /* what came of one request; valid during done() */
  uint32_t struct_size;
  df_status status;      /* DF_OK: an answer came, whatever it says                                     */
  uint64_t tag;
  int32_t http_status;   /* of the last answer; 0 = none came                                           */
  int32_t trouble;       /* DF_WEB_*; 0 on DF_OK                                                        */
  uint32_t requests;     /* that it took, redirects and retries included; 0 = the host is known not to
                            be there                                                                    */
  uint32_t reserved;
  df_str url;            /* that gave the answer, after redirects                                       */
  df_str moved_to;       /* as far as permanent redirects (301, 308) lead, from the first hop on; may be
                            absent                                                                      */
  df_str message;        /* for a finding; empty on DF_OK                                               */
} df_web_result;

#define DF_WEB_ANYWHERE (1u << 0) /* also this machine and private networks                             */

typedef struct {         /* a stream of requests that the host pulls; both callbacks [caller] */
  uint32_t struct_size, flags; /* DF_WEB_ANYWHERE                                                       */
  void *user;
  /* As in df_batch. Give those to one host apart from each other: they wait for one another. */
  df_status (*next)(void *user, df_web_request *);
  void (*done)(void *user, const df_web_result *);
  /* 0 = the host's own: */
  uint32_t per_host;     /* requests to one host at a time, 2                                           */
  uint32_t gap_ms;       /* between the starts of two to one host, 100                                  */
  uint32_t redirects;    /* hops, 10                                                                    */
  uint32_t attempts;     /* of a hop: no connection, or 429 and 503 with a Retry-After that is not over
                            30 s; 3                                                                     */
  uint32_t timeout_ms;   /* of one attempt, 20,000                                                      */
  uint32_t reserved;
} df_web_batch;

typedef struct {         /* every call [any], blocking, cancellable */
  uint32_t struct_size, reserved;
  df_status (*batch)(df_ctx *, const df_web_batch *);
} df_web;

/* ---- what a plugin offers --------------------------------------------------------------------------- */
typedef struct df_stage {  /* one stage type; static, immutable. Exactly one of process and run is set. */
  uint32_t struct_size, caps; /* DF_CAP_*                                                               */
  const char *name;        /* what `uses:` says: "acme/no-big-files"; [a-z0-9-]+/[a-z0-9-]+. A name
                              without '/' is a stage that ships with deployflow                         */
  const char *version;     /* SemVer                                                                    */
  const char *summary;     /* one line for `deployflow stages`                                          */
  const char *options_schema; /* JSON Schema subset, see the SDK's README; NULL = takes no options      */
  df_status (*create)(df_ctx *, const df_host *, void **self);                                 /* [one] */
  df_status (*configure)(void *self, df_ctx *, const df_value *options); /* offline            /  [one] */
  df_status (*process)(void *self, df_ctx *, const df_artifact *); /* per file; [one], or [many] with DF_CAP_PARALLEL */
  df_status (*run)(void *self, df_ctx *, const df_run_info *);     /* once, the whole set         [one] */
  void (*destroy)(void *self); /* always after a successful create; no host call but log          [one] */
} df_stage;

typedef struct df_plugin {
  uint32_t struct_size, abi_minor; /* abi_minor: DF_ABI_MINOR it was compiled with                      */
  const char *name, *version, *license;
  const df_stage *const *stages; uint64_t stage_count;
} df_plugin;

/* The only exported symbol. Pure: no allocation, no I/O, no threads; the same pointer every time. */
DF_EXPORT const df_plugin *deployflow_stages_v0(void);

#ifdef __cplusplus
}
#endif
#endif
