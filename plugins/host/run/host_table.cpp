// df_host: what a stage may ask of the host, for everyone by the same table.

#include "plugins/host/base/cache_folder.hpp"
#include "plugins/host/base/file.hpp"
#include "plugins/host/base/glob.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/load/status.hpp"
#include "plugins/host/run/approval.hpp"
#include "plugins/host/run/stage_call.hpp"
#include "plugins/host/run/value_table.hpp"
#include "plugins/host/run/web_batch.hpp"
#include "plugins/host/site/media_type.hpp"

#include <errno.h>
#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace deployflow::run {
namespace {

using site::Artifact;

void host_log(df_ctx* ctx, int32_t level, df_str text) {
  try {
    const auto known = static_cast<LogLevel>(std::clamp<int32_t>(level, DF_TRACE, DF_ERROR));
    ctx->run().events.log(known, ctx->stage().id, std::string(view(text)));
  } catch (...) {  // a log line is not worth a run
    return;
  }
}

df_status host_cache_dir(df_ctx* ctx, df_str* out) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    const auto folder = make_cache_folder(c.run().environment);
    if (!folder) {
      return DF_UNSUPPORTED;
    }
    // One folder for each type: "acme/no-secrets" is "stage-acme-no-secrets".
    std::string name = c.stage().type.table->name;
    std::replace(name.begin(), name.end(), '/', '-');
    const std::string path = *folder + "/stage-" + name;
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
      return DF_UNSUPPORTED;
    }
    *out = c.keep(path);
    return DF_OK;
  });
}

void host_answer(df_ctx* ctx, df_str line) {
  try {
    ctx->run().events.send(Answer{ctx->stage().id, std::string(view(line))});
  } catch (...) {  // out of memory
    return;
  }
}

void host_progress(df_ctx* ctx,
                   uint64_t done,
                   uint64_t total,
                   uint64_t bytes_done,
                   uint64_t bytes_total,
                   df_str what) {
  guarded(ctx, [&](df_ctx& c) {
    c.run().events.progress(
        {c.stage().id, done, total, bytes_done, bytes_total, std::string(view(what))});
    return DF_OK;
  });
}

/// An end without a start, or before it, is none.
void set_end(Finding& finding, const df_pos& at) {
  const bool after = at.end_line > at.line || (at.end_line == at.line && at.end_col > at.col);
  if (at.line > 0 && at.col > 0 && at.end_col > 0 && after) {
    finding.end_line = at.end_line;
    finding.end_column = at.end_col;
  }
}

void host_finding(df_ctx* ctx, const df_finding* given) {
  if (ctx == nullptr || given == nullptr) {
    return;
  }
  // Counted before anything can fail: an ERROR must never be lost.
  const bool is_error = given->severity >= DF_ERROR;
  if (is_error) {
    ++ctx->stage().errors;
  }
  try {
    df_finding f{};
    memcpy(&f, given, std::min<std::size_t>(given->struct_size, sizeof f));
    Finding finding;
    finding.stage = ctx->stage().id;
    finding.severity = is_error && !ctx->stage().may_fail ? Severity::error
                       : f.severity >= DF_WARN            ? Severity::warning
                                                          : Severity::info;
    finding.code = view(f.code);
    finding.message = view(f.message);
    finding.hint = view(f.hint);
    finding.file = view(f.at.file);
    finding.line = f.at.line;
    finding.column = f.at.col;
    set_end(finding, f.at);
    finding.hides_source = (f.flags & DF_FINDING_NO_SOURCE) != 0;
    if (const auto artifact =
            f.artifact_id != 0 ? ctx->run().artifacts.get(f.artifact_id) : nullptr) {
      finding.key = artifact->key;
      if (finding.file.empty()) {
        finding.file = artifact->path;
      }
    }
    ctx->run().events.finding(std::move(finding));
  } catch (...) {
    return;
  }
}

std::optional<Action> to_action(int32_t action) {
  switch (action) {
    case DF_PUT:
      return Action::put;
    case DF_UPDATE:
      return Action::update;
    case DF_HEADERS:
      return Action::headers;
    case DF_COPY:
      return Action::copy;
    case DF_DELETE:
      return Action::remove;
    case DF_KEEP:
      return Action::keep;
    case DF_SETTING:
      return Action::setting;
    default:
      return std::nullopt;
  }
}

void host_plan(df_ctx* ctx, const df_plan_entry* given) {
  guarded(ctx, [&](df_ctx& c) {
    const auto action = to_action(given->action);
    if (!action) {
      return DF_UNSUPPORTED;
    }
    const std::string target(view(given->target));
    const auto store = c.run().targets.open(target);
    PlanEntry entry{c.stage().id,
                    *action,
                    target,
                    std::string(view(given->key)),
                    given->size,
                    std::string(view(given->reason))};
    c.run().approval.add(entry);
    c.run().events.plan(std::move(entry), store ? store.value()->config().display() : target);
    return DF_OK;
  });
}

df_status host_planned(df_ctx* ctx, const df_str* targets, const df_str* bases, uint64_t count) {
  return guarded(ctx, [&](df_ctx& c) {
    std::vector<Approval::Base> known;
    for (uint64_t i = 0; i < count; ++i) {
      known.emplace_back(view(targets[i]), view(bases[i]));
    }
    return c.run().approval.settle(c, known);
  });
}

void host_site_state(df_ctx* ctx, df_str target, int32_t state) {
  guarded(ctx, [&](df_ctx& c) {
    if (state >= DF_SITE_UNCHANGED && state <= DF_SITE_CURRENT && !c.run().dry_run) {
      c.run().events.site_state(std::string(view(target)), static_cast<SiteState>(state));
    }
    return DF_OK;
  });
}

int32_t host_cancelled(df_ctx* ctx) {
  return ctx->run().stop.stop_requested() ? 1 : 0;
}

df_status host_set_output(df_ctx* ctx, df_str name, df_str json) {
  return guarded(ctx, [&](df_ctx& c) {
    c.run().events.output(c.stage().id + "." + std::string(view(name)), std::string(view(json)));
    return DF_OK;
  });
}

std::string temp_base(const Environment& environment) {
  const auto base = environment("TMPDIR");
  return base && base->starts_with('/') ? *base : "/tmp";
}

df_status host_temp_dir(df_ctx* ctx, df_str* out) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    const std::lock_guard lock(c.stage().mutex);
    std::string& folder = c.stage().temp_folder;
    if (folder.empty()) {
      std::string made = temp_base(c.run().environment) + "/deployflow-XXXXXX";
      if (::mkdtemp(made.data()) == nullptr) {  // mode 0700
        return c.fail(
            {Errc::input, fmt::format("cannot make a temporary folder: {}", errno_text(errno))},
            "host/temp-dir");
      }
      folder = std::move(made);
    }
    *out = lend(folder);
    return DF_OK;
  });
}

df_status host_temp_file(df_ctx* ctx, int32_t* out) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    constexpr mode_t k_ours = 0600;
    const std::string folder = temp_base(c.run().environment);
    int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, k_ours);
    if (descriptor < 0) {  // no such folder, or one that cannot do that: then in memory
      descriptor = ::memfd_create("deployflow", MFD_CLOEXEC);
    }
    if (descriptor < 0) {
      return c.fail(
          {Errc::input, fmt::format("cannot make a temporary file: {}", errno_text(errno))},
          "host/temp-file");
    }
    *out = descriptor;
    return DF_OK;
  });
}

// ---- artifacts
// ---------------------------------------------------------------------------------------

df_status host_artifacts(df_ctx* ctx, df_str glob, df_cursor** out) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    auto cursor = std::make_unique<df_cursor>();
    if (glob.n == 0) {
      cursor->ids = c.run().artifacts.ids();
    } else {
      const auto compiled = Glob::compile(view(glob));
      if (!compiled) {
        return c.fail(compiled.error(), "host/bad-glob");
      }
      cursor->ids = c.run().artifacts.ids(&compiled.value());
    }
    *out = c.keep(std::move(cursor));
    return DF_OK;
  });
}

df_status host_next(df_ctx* ctx, df_cursor* cursor, const df_artifact** out) {
  return guarded(ctx, [&](df_ctx& c) {
    if (cursor == nullptr) {
      return DF_NOT_FOUND;
    }
    while (cursor->next < cursor->ids.size()) {
      cursor->artifact = c.run().artifacts.get(cursor->ids[cursor->next++]);
      if (cursor->artifact) {
        cursor->view = view_of(*cursor->artifact);
        cursor->view.key = lend(c.run().artifacts.key(cursor->artifact->id));
        *out = &cursor->view;
        return DF_OK;
      }
    }
    *cursor = {};
    return DF_NOT_FOUND;
  });
}

df_status host_find(df_ctx* ctx, df_str key, const df_artifact** out) {
  return guarded(ctx, [&](df_ctx& c) {
    auto found = c.run().artifacts.find(view(key));
    if (!found) {
      return DF_NOT_FOUND;
    }
    *out = c.keep(std::move(found));
    return DF_OK;
  });
}

df_status host_read(
    df_ctx* ctx, uint64_t id, uint64_t offset, uint8_t* buf, uint64_t cap, uint64_t* got) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    const auto artifact = c.run().artifacts.get(id);
    if (!artifact) {
      return DF_NOT_FOUND;
    }
    const auto count = site::read_artifact(
        *artifact, offset, {reinterpret_cast<char*>(buf), static_cast<std::size_t>(cap)});
    if (!count) {
      return c.fail(count.error(), "site/unreadable", artifact->key);
    }
    *got = count.value();
    return DF_OK;
  });
}

df_status host_digest(df_ctx* ctx, uint64_t id, df_str algorithm, df_str* hex_out) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    const bool is_sha256 = view(algorithm) == "sha256";
    if (!is_sha256 && view(algorithm) != "md5") {
      return DF_UNSUPPORTED;
    }
    const auto artifact = c.run().artifacts.get(id);
    if (!artifact) {
      return DF_NOT_FOUND;
    }
    const auto digests = c.run().artifacts.digests(id, c.run().stop);
    if (!digests) {
      return c.fail(digests.error(), "site/unreadable", artifact->key);
    }
    *hex_out = c.keep(is_sha256 ? digests->sha256 : digests->md5);
    return DF_OK;
  });
}

/// `each(i, digests)` for the i-th of the artifacts.
template <class F>
df_status digests_of_many(
    df_ctx* ctx, const uint64_t* ids, uint64_t count, df_str algorithm, F&& each) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    if (view(algorithm) != "sha256" && view(algorithm) != "md5") {
      return DF_UNSUPPORTED;
    }
    auto& artifacts = c.run().artifacts;
    const auto failures =
        artifacts.find_digests({ids, static_cast<std::size_t>(count)}, c.run().pool, c.run().stop);
    if (!failures) {
      return load::to_status(failures.error().code);
    }
    df_status worst = DF_OK;
    for (const auto& [id, error] : failures.value()) {
      const auto artifact = artifacts.get(id);
      worst = artifact ? c.fail(error, "site/unreadable", artifact->key) : DF_NOT_FOUND;
    }
    for (std::uint64_t i = 0; worst == DF_OK && i < count; ++i) {
      const auto digests = artifacts.raw_digests(ids[i], c.run().stop);  // known by now
      if (!digests) {
        return DF_NOT_FOUND;  // dropped meanwhile
      }
      each(i, digests.value());
    }
    return worst;
  });
}

df_status host_digests(
    df_ctx* ctx, const uint64_t* ids, uint64_t count, df_str algorithm, df_str* out) {
  const bool is_sha256 = view(algorithm) == "sha256";
  return digests_of_many(ctx, ids, count, algorithm, [&](uint64_t i, const RawDigests& digests) {
    out[i] = ctx->keep(is_sha256 ? to_hex(digests.sha256) : to_hex(digests.md5));
  });
}

df_status host_raw_digests(
    df_ctx* ctx, const uint64_t* ids, uint64_t count, df_str algorithm, uint8_t* out) {
  const bool is_sha256 = view(algorithm) == "sha256";
  return digests_of_many(ctx, ids, count, algorithm, [&](uint64_t, const RawDigests& digests) {
    out = is_sha256 ? std::copy(digests.sha256.begin(), digests.sha256.end(), out)
                    : std::copy(digests.md5.begin(), digests.md5.end(), out);
  });
}

df_status host_header_at(df_ctx* ctx, uint64_t id, uint64_t i, df_header* out) {
  return guarded(ctx, [&](df_ctx& c) {
    const auto artifact = c.run().artifacts.get(id);
    if (!artifact || i >= artifact->headers.size()) {
      return DF_NOT_FOUND;
    }
    out->name = c.keep(artifact->headers[i].first);
    out->value = c.keep(artifact->headers[i].second);
    return DF_OK;
  });
}

/// Changes of the set are for those who said that they make some.
template <class F>
df_status changing(df_ctx* ctx, F&& work) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    if (!c.has(DF_CAP_CHANGES_SET)) {
      return c.fail({Errc::plugin,
                     "the stage changes the artifact set without DF_CAP_CHANGES_SET",
                     "report it to the plugin's author"},
                    "host/capability"),
             DF_DENIED;
    }
    return work(c);
  });
}

df_status put(df_ctx& c, Artifact artifact, df_str key, df_str media_type, uint64_t* id_out) {
  artifact.key = view(key);
  if (const auto good = site::check_key(artifact.key); !good) {
    return c.fail(good.error(), "site/bad-name");
  }
  artifact.media_type =
      media_type.p != nullptr ? view(media_type) : site::media_type_of(artifact.key);
  const std::uint64_t id = c.run().artifacts.put(std::move(artifact));
  if (id_out != nullptr) {
    *id_out = id;
  }
  return DF_OK;
}

df_status host_put_file(df_ctx* ctx, df_str key, df_str path, df_str media_type, uint64_t* id_out) {
  return changing(ctx, [&](df_ctx& c) -> df_status {
    Artifact artifact;
    artifact.path = view(path);
    const auto file = open_regular(artifact.path);
    if (!file) {
      return c.fail(file.error(), "site/unreadable");
    }
    artifact.stamp = file->stamp;
    return put(c, std::move(artifact), key, media_type, id_out);
  });
}

df_status host_put_bytes(
    df_ctx* ctx, df_str key, df_str bytes, df_str media_type, uint64_t* id_out) {
  return changing(ctx, [&](df_ctx& c) {
    Artifact artifact;
    artifact.bytes = std::make_shared<const std::string>(view(bytes));
    return put(c, std::move(artifact), key, media_type, id_out);
  });
}

df_status host_drop(df_ctx* ctx, uint64_t id) {
  return changing(ctx,
                  [&](df_ctx& c) { return c.run().artifacts.drop(id) ? DF_OK : DF_NOT_FOUND; });
}

df_status host_set_media_type(df_ctx* ctx, uint64_t id, df_str media_type) {
  return changing(ctx, [&](df_ctx& c) {
    return c.run().artifacts.set_media_type(id, std::string(view(media_type))) ? DF_OK
                                                                               : DF_NOT_FOUND;
  });
}

/// Nothing that could end a header line or start another.
bool is_header_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

df_status host_set_header(df_ctx* ctx, uint64_t id, df_str name, df_str value) {
  return changing(ctx, [&](df_ctx& c) -> df_status {
    std::string lower(view(name));
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char ch) {
      return ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch;
    });
    if (lower.empty() || lower.find_first_of(" :") != std::string::npos || !is_header_text(lower) ||
        !is_header_text(view(value))) {
      return c.fail(
          {Errc::plugin, fmt::format("\"{}\" with that value is no HTTP header", printable(lower))},
          "host/bad-header");
    }
    auto given = value.p != nullptr ? std::optional<std::string>(view(value)) : std::nullopt;
    return c.run().artifacts.set_header(id, lower, std::move(given)) ? DF_OK : DF_NOT_FOUND;
  });
}

const void* host_query(df_ctx*, const char* table_id) {
  const std::string_view id = table_id != nullptr ? table_id : "";
  if (id == DF_WEB) {
    return &web_table();
  }
  return id == DF_OBJECTSTORE ? &store_table() : nullptr;
}

df_host make_table() {
  df_host table{};
  table.struct_size = sizeof table;
  table.abi_minor = DF_ABI_MINOR;
  table.name_version = lend("deployflow " DEPLOYFLOW_VERSION);
  table.log = host_log;
  table.progress = host_progress;
  table.finding = host_finding;
  table.plan = host_plan;
  table.site_state = host_site_state;
  table.cancelled = host_cancelled;
  table.set_output = host_set_output;
  table.temp_dir = host_temp_dir;
  add_value_functions(table);
  table.artifacts = host_artifacts;
  table.next = host_next;
  table.find = host_find;
  table.read = host_read;
  table.digest = host_digest;
  table.header_at = host_header_at;
  table.put_file = host_put_file;
  table.put_bytes = host_put_bytes;
  table.drop = host_drop;
  table.set_media_type = host_set_media_type;
  table.set_header = host_set_header;
  table.query = host_query;
  table.digests = host_digests;
  table.answer = host_answer;
  table.cache_dir = host_cache_dir;
  table.raw_digests = host_raw_digests;
  table.temp_file = host_temp_file;
  table.planned = host_planned;
  return table;
}

}  // namespace

const df_host& host_table() {
  static const df_host table = make_table();
  return table;
}

}  // namespace deployflow::run
