/* The layout of every table of stage.h on LP64, as numbers. A change here is a change of the
 * contract: a plugin that was compiled before it reads other bytes. While the major is 0 it needs
 * another minor; afterwards a table may only grow at its end, so no line below may change and lines
 * may only be added. */
#include <deployflow/stage.h>

/* C99 has no static assertion: an array of negative size is an error in every dialect. */
#define CLAIM_NAMED(line, what) typedef char claim_##line[(what) ? 1 : -1]
#define CLAIM_AT_LINE(line, what) CLAIM_NAMED(line, what)
#define CLAIM(what) CLAIM_AT_LINE(__LINE__, what)
#define SIZE(table, bytes) CLAIM(sizeof(table) == (bytes))
#define AT(table, member, bytes) CLAIM(offsetof(table, member) == (bytes))

CLAIM(sizeof(void*) == 8 && sizeof(long) == 8);
CLAIM(DF_ABI_MAJOR == 0 && DF_ABI_MINOR == 3);

SIZE(df_str, 16);
AT(df_str, p, 0);
AT(df_str, n, 8);

SIZE(df_pos, 32);
AT(df_pos, file, 0);
AT(df_pos, line, 16);
AT(df_pos, col, 20);
AT(df_pos, end_line, 24);
AT(df_pos, end_col, 28);

SIZE(df_header, 32);
AT(df_header, name, 0);
AT(df_header, value, 16);

SIZE(df_artifact, 80);
AT(df_artifact, struct_size, 0);
AT(df_artifact, flags, 4);
AT(df_artifact, id, 8);
AT(df_artifact, key, 16);
AT(df_artifact, path, 32);
AT(df_artifact, size, 48);
AT(df_artifact, mtime_ns, 56);
AT(df_artifact, media_type, 64);

SIZE(df_finding, 104);
AT(df_finding, struct_size, 0);
AT(df_finding, severity, 4);
AT(df_finding, code, 8);
AT(df_finding, message, 24);
AT(df_finding, hint, 40);
AT(df_finding, at, 56);
AT(df_finding, artifact_id, 88);
AT(df_finding, flags, 96);
AT(df_finding, reserved, 100);

SIZE(df_plan_entry, 64);
AT(df_plan_entry, struct_size, 0);
AT(df_plan_entry, action, 4);
AT(df_plan_entry, target, 8);
AT(df_plan_entry, key, 24);
AT(df_plan_entry, size, 40);
AT(df_plan_entry, reason, 48);

SIZE(df_run_info, 136);
AT(df_run_info, struct_size, 0);
AT(df_run_info, dry_run, 4);
AT(df_run_info, run_id, 8);
AT(df_run_info, stage_id, 24);
AT(df_run_info, artifact_count, 40);
AT(df_run_info, artifact_bytes, 48);
AT(df_run_info, started_s, 56);
AT(df_run_info, user, 64);
AT(df_run_info, host, 80);
AT(df_run_info, job_url, 96);
AT(df_run_info, commit, 112);
AT(df_run_info, site_is_file, 128);
AT(df_run_info, reserved, 132);

SIZE(df_host, 296);
AT(df_host, struct_size, 0);
AT(df_host, abi_minor, 4);
AT(df_host, name_version, 8);
AT(df_host, log, 24);
AT(df_host, progress, 32);
AT(df_host, finding, 40);
AT(df_host, plan, 48);
AT(df_host, site_state, 56);
AT(df_host, cancelled, 64);
AT(df_host, set_output, 72);
AT(df_host, temp_dir, 80);
AT(df_host, value_kind, 88);
AT(df_host, value_count, 96);
AT(df_host, value_key, 104);
AT(df_host, value_at, 112);
AT(df_host, value_str, 120);
AT(df_host, value_int, 128);
AT(df_host, value_real, 136);
AT(df_host, value_pos, 144);
AT(df_host, artifacts, 152);
AT(df_host, next, 160);
AT(df_host, find, 168);
AT(df_host, read, 176);
AT(df_host, digest, 184);
AT(df_host, header_at, 192);
AT(df_host, put_file, 200);
AT(df_host, put_bytes, 208);
AT(df_host, drop, 216);
AT(df_host, set_media_type, 224);
AT(df_host, set_header, 232);
AT(df_host, query, 240);
AT(df_host, digests, 248);
AT(df_host, answer, 256);
AT(df_host, cache_dir, 264);
AT(df_host, raw_digests, 272);
AT(df_host, temp_file, 280);
AT(df_host, planned, 288);

SIZE(df_target_info, 136);
AT(df_target_info, struct_size, 0);
AT(df_target_info, flags, 4);
AT(df_target_info, name, 8);
AT(df_target_info, display, 24);
AT(df_target_info, endpoint, 40);
AT(df_target_info, bucket, 56);
AT(df_target_info, prefix, 72);
AT(df_target_info, url, 88);
AT(df_target_info, object_base, 104);
AT(df_target_info, state, 120);

SIZE(df_object, 128);
AT(df_object, struct_size, 0);
AT(df_object, flags, 4);
AT(df_object, key, 8);
AT(df_object, size, 24);
AT(df_object, mtime_s, 32);
AT(df_object, etag, 40);
AT(df_object, media_type, 56);
AT(df_object, headers, 72);
AT(df_object, header_count, 80);
AT(df_object, upload_id, 88);
AT(df_object, answered_s, 104);
AT(df_object, version_id, 112);

SIZE(df_op, 224);
AT(df_op, struct_size, 0);
AT(df_op, kind, 4);
AT(df_op, tag, 8);
AT(df_op, target, 16);
AT(df_op, key, 32);
AT(df_op, from_target, 48);
AT(df_op, from_key, 64);
AT(df_op, artifact_id, 80);
AT(df_op, bytes, 88);
AT(df_op, media_type, 104);
AT(df_op, headers, 120);
AT(df_op, header_count, 128);
AT(df_op, if_match, 136);
AT(df_op, if_absent, 152);
AT(df_op, flags, 156);
AT(df_op, upload_id, 160);
AT(df_op, size, 176);
AT(df_op, sink, 184);
AT(df_op, path, 192);
AT(df_op, from_version, 208);

SIZE(df_op_result, 208);
AT(df_op_result, struct_size, 0);
AT(df_op_result, status, 4);
AT(df_op_result, tag, 8);
AT(df_op_result, kind, 16);
AT(df_op_result, attempts, 20);
AT(df_op_result, http_status, 24);
AT(df_op_result, confirmed, 28);
AT(df_op_result, object, 32);
AT(df_op_result, error_code, 160);
AT(df_op_result, message, 176);
AT(df_op_result, hint, 192);

SIZE(df_batch, 32);
AT(df_batch, struct_size, 0);
AT(df_batch, flags, 4);
AT(df_batch, user, 8);
AT(df_batch, next, 16);
AT(df_batch, done, 24);

SIZE(df_objectstore, 64);
AT(df_objectstore, struct_size, 0);
AT(df_objectstore, reserved, 4);
AT(df_objectstore, target, 8);
AT(df_objectstore, list, 16);
AT(df_objectstore, batch, 24);
AT(df_objectstore, etags, 32);
AT(df_objectstore, website, 40);
AT(df_objectstore, set_website, 48);
AT(df_objectstore, versioning, 56);

SIZE(df_website, 40);
AT(df_website, struct_size, 0);
AT(df_website, flags, 4);
AT(df_website, index, 8);
AT(df_website, error_key, 24);

SIZE(df_web_request, 32);
AT(df_web_request, struct_size, 0);
AT(df_web_request, method, 4);
AT(df_web_request, tag, 8);
AT(df_web_request, url, 16);

SIZE(df_web_result, 80);
AT(df_web_result, struct_size, 0);
AT(df_web_result, status, 4);
AT(df_web_result, tag, 8);
AT(df_web_result, http_status, 16);
AT(df_web_result, trouble, 20);
AT(df_web_result, requests, 24);
AT(df_web_result, reserved, 28);
AT(df_web_result, url, 32);
AT(df_web_result, moved_to, 48);
AT(df_web_result, message, 64);

SIZE(df_web_batch, 56);
AT(df_web_batch, struct_size, 0);
AT(df_web_batch, flags, 4);
AT(df_web_batch, user, 8);
AT(df_web_batch, next, 16);
AT(df_web_batch, done, 24);
AT(df_web_batch, per_host, 32);
AT(df_web_batch, gap_ms, 36);
AT(df_web_batch, redirects, 40);
AT(df_web_batch, attempts, 44);
AT(df_web_batch, timeout_ms, 48);
AT(df_web_batch, reserved, 52);

SIZE(df_web, 16);
AT(df_web, struct_size, 0);
AT(df_web, reserved, 4);
AT(df_web, batch, 8);

SIZE(df_stage, 80);
AT(df_stage, struct_size, 0);
AT(df_stage, caps, 4);
AT(df_stage, name, 8);
AT(df_stage, version, 16);
AT(df_stage, summary, 24);
AT(df_stage, options_schema, 32);
AT(df_stage, create, 40);
AT(df_stage, configure, 48);
AT(df_stage, process, 56);
AT(df_stage, run, 64);
AT(df_stage, destroy, 72);

SIZE(df_plugin, 48);
AT(df_plugin, struct_size, 0);
AT(df_plugin, abi_minor, 4);
AT(df_plugin, name, 8);
AT(df_plugin, version, 16);
AT(df_plugin, license, 24);
AT(df_plugin, stages, 32);
AT(df_plugin, stage_count, 40);

CLAIM(DF_OK == 0 && DF_FAILED == 1 && DF_CANCELLED == 2 && DF_BAD_OPTIONS == 3 && DF_AGAIN == 4);
CLAIM(DF_UNSUPPORTED == 5 && DF_NOT_FOUND == 6 && DF_DENIED == 7 && DF_CONFLICT == 8 && DF_IO == 9);
CLAIM(DF_TIMEOUT == 10 && DF_INTERNAL == 11);
CLAIM(DF_TRACE == 0 && DF_DEBUG == 1 && DF_INFO == 2 && DF_WARN == 3 && DF_ERROR == 4);
CLAIM(DF_NULL == 0 && DF_BOOL == 1 && DF_INT == 2 && DF_REAL == 3 && DF_STRING == 4);
CLAIM(DF_LIST == 5 && DF_MAP == 6);
CLAIM(DF_CAP_READS_CONTENT == 1 && DF_CAP_CHANGES_SET == 2 && DF_CAP_REMOTE_READ == 4);
CLAIM(DF_CAP_REMOTE_WRITE == 8 && DF_CAP_PARALLEL == 16 && DF_CAP_WEB == 32);
CLAIM(DF_PUT == 1 && DF_UPDATE == 2 && DF_HEADERS == 3 && DF_COPY == 4 && DF_DELETE == 5 &&
      DF_KEEP == 6 && DF_SETTING == 7);
CLAIM(DF_SITE_UNCHANGED == 0 && DF_SITE_PREPARED == 1 && DF_SITE_CHANGING == 2 &&
      DF_SITE_CURRENT == 3);
CLAIM(DF_OP_HEAD == 1 && DF_OP_GET == 2 && DF_OP_PUT == 3 && DF_OP_COPY == 4 && DF_OP_DELETE == 5);
CLAIM(DF_OP_TRANSFER == 6 && DF_OP_ABORT_UPLOAD == 7 && DF_LIST_UPLOADS == 1);
CLAIM(DF_OP_REPLACE == 1 && DF_OP_BESIDE_SITE == 2);
CLAIM(DF_LIST_VERSIONS == 2 && DF_WEBSITE_HAS_MORE == 1);
CLAIM(DF_VERSIONS_NEVER == 0 && DF_VERSIONS_ENABLED == 1 && DF_VERSIONS_SUSPENDED == 2);
CLAIM(DF_WEB_HEAD == 1 && DF_WEB_GET == 2 && DF_WEB_ANYWHERE == 1);
CLAIM(DF_WEB_OTHER == 1 && DF_WEB_BAD_URL == 2 && DF_WEB_UNRESOLVED == 3 && DF_WEB_REFUSED == 4);
CLAIM(DF_WEB_UNREACHABLE == 5 && DF_WEB_TLS == 6 && DF_WEB_TIMEOUT == 7 && DF_WEB_CLOSED == 8);
CLAIM(DF_WEB_REDIRECTS == 9 && DF_WEB_NOT_PUBLIC == 10);
