#include "tests/unit/stages/fake_host.hpp"

#include "tests/unit/stages/fake_context.hpp"

#include <stdlib.h>
#include <sys/mman.h>

#include <algorithm>
#include <filesystem>

namespace fake {
namespace {

void host_log(df_ctx* c, std::int32_t, df_str text) {
  const Guard guard(c->mutex);
  c->world->log.push_back(str(text));
}

void host_answer(df_ctx* c, df_str line) {
  const Guard guard(c->mutex);
  c->world->answers.push_back(str(line));
}

df_status host_temp_dir(df_ctx* c, df_str* out) {
  const Guard guard(c->mutex);
  if (c->temp_folder.empty()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "fake-XXXXXX").string();
    c->temp_folder = mkdtemp(pattern.data());
  }
  *out = cs(c->temp_folder);
  return DF_OK;
}

df_status host_header_at(df_ctx*, std::uint64_t, std::uint64_t, df_header*) {
  return DF_NOT_FOUND;
}

void host_progress(df_ctx* c,
                   std::uint64_t done,
                   std::uint64_t total,
                   std::uint64_t bytes_done,
                   std::uint64_t bytes_total,
                   df_str what) {
  if (str(what) == "files") {
    World& w = *c->world;
    w.files_done = done;
    w.files_total = total;
    w.bytes_done = bytes_done;
    w.bytes_total = bytes_total;
  }
}

void host_finding(df_ctx* c, const df_finding* f) {
  const Guard guard(c->mutex);
  c->world->findings.push_back(
      {f->severity, str(f->code), str(f->message), str(f->hint), f->artifact_id});
}

void host_plan(df_ctx* c, const df_plan_entry* e) {
  World& w = *c->world;
  w.plan.push_back({e->action, str(e->target), str(e->key), str(e->reason), e->size});
  w.planned_late = w.planned_late || w.writes() > 0;
}

df_status host_planned(df_ctx* c, const df_str* targets, const df_str* bases, std::uint64_t count) {
  const Guard guard(c->mutex);
  World& w = *c->world;
  for (std::uint64_t i = 0; i < count; ++i) {
    w.bases.emplace_back(str(targets[i]), str(bases[i]));
  }
  w.planned_late = w.planned_late || w.writes() > 0;
  if (w.plan_answer != DF_OK) {
    w.findings.push_back({DF_ERROR, "host/not-as-planned", "this is not what was planned", "", 0});
  }
  return w.plan_answer;
}

void host_site_state(df_ctx* c, df_str target, std::int32_t state) {
  c->world->states.emplace_back(str(target), state);
}

std::int32_t host_cancelled(df_ctx* c) {
  const Guard guard(c->mutex);
  return c->cancelled ? 1 : 0;
}

df_status host_set_output(df_ctx* c, df_str name, df_str json) {
  c->world->outputs[str(name)] = str(json);
  return DF_OK;
}

const df_value* keep(df_ctx* c, df_value value) {
  return &c->values.emplace_back(value);
}

std::int32_t host_value_kind(df_ctx*, const df_value* v) {
  return v->map != nullptr                          ? DF_MAP
         : v->item == nullptr && v->option->is_list ? DF_LIST
         : v->item == nullptr && v->option->number  ? DF_INT
                                                    : DF_STRING;
}

std::uint64_t host_value_count(df_ctx*, const df_value* v) {
  return v->option->texts.size();
}

const df_value* host_value_key(df_ctx* c, const df_value* v, df_str key) {
  const Options& members = v->map != nullptr ? *v->map : *v->option->map;
  const auto found = members.find(str(key));
  return found == members.end() ? nullptr : keep(c, {nullptr, &found->second, nullptr});
}

const df_value* host_value_at(df_ctx* c, const df_value* v, std::uint64_t i, df_str*) {
  return keep(c, {nullptr, v->option, &v->option->texts.at(static_cast<std::size_t>(i))});
}

df_status host_value_str(df_ctx*, const df_value* v, df_str* out) {
  *out = cs(v->item != nullptr ? *v->item : v->option->texts.at(0));
  return DF_OK;
}

df_status host_value_int(df_ctx*, const df_value* v, std::int64_t* out) {
  *out = v->option->number.value_or(0);
  return DF_OK;
}

df_status host_value_pos(df_ctx*, const df_value*, df_pos* out) {
  *out = {};
  out->line = 7;
  return DF_OK;
}

df_status host_artifacts(df_ctx* c, df_str, df_cursor** out) {
  *out = &c->cursors.emplace_back();
  return c->cancelled ? DF_CANCELLED : DF_OK;
}

df_status host_next(df_ctx* c, df_cursor* cursor, const df_artifact** out) {
  if (cursor->at == c->world->site.size()) {
    return DF_NOT_FOUND;
  }
  const Artifact& a = c->world->site[cursor->at++];
  c->view = {};
  c->view.struct_size = sizeof c->view;
  c->view.id = a.id;
  c->view.key = cs(a.key);
  c->view.size = a.bytes.size();
  c->view.media_type = cs(a.media_type);
  *out = &c->view;
  return DF_OK;
}

df_status host_read(df_ctx* c,
                    std::uint64_t id,
                    std::uint64_t offset,
                    std::uint8_t* buffer,
                    std::uint64_t cap,
                    std::uint64_t* got) {
  const std::string& bytes = find_artifact(*c->world, id)->bytes;
  *got = offset < bytes.size() ? std::min<std::uint64_t>(cap, bytes.size() - offset) : 0;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), *got, buffer);
  return DF_OK;
}

df_status host_digests(
    df_ctx* c, const std::uint64_t* ids, std::uint64_t count, df_str algorithm, df_str* out) {
  const Guard guard(c->mutex);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string md5 = etag_of(find_artifact(*c->world, ids[i])->bytes);
    out[i] = cs(c->texts.emplace_back(str(algorithm) == "md5" ? md5 : md5 + md5));
  }
  return DF_OK;
}

df_status host_raw_digests(
    df_ctx* c, const std::uint64_t* ids, std::uint64_t count, df_str algorithm, std::uint8_t* out) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string md5 = etag_of(find_artifact(*c->world, ids[i])->bytes);
    const std::string hex = str(algorithm) == "md5" ? md5 : md5 + md5;
    for (std::size_t digit = 0; digit < hex.size(); digit += 2) {
      *out++ = static_cast<std::uint8_t>(std::stoi(hex.substr(digit, 2), nullptr, 16));
    }
  }
  return DF_OK;
}

df_status host_temp_file(df_ctx*, std::int32_t* out) {
  *out = ::memfd_create("fake", MFD_CLOEXEC);
  return *out >= 0 ? DF_OK : DF_FAILED;
}

const void* host_query(df_ctx*, const char* table) {
  return std::string(table) == DF_OBJECTSTORE ? &store_table() : nullptr;
}

df_host make_host() {
  df_host h{};
  h.struct_size = sizeof h;
  h.abi_minor = DF_ABI_MINOR;
  h.log = host_log;
  h.progress = host_progress;
  h.finding = host_finding;
  h.plan = host_plan;
  h.site_state = host_site_state;
  h.cancelled = host_cancelled;
  h.set_output = host_set_output;
  h.value_kind = host_value_kind;
  h.value_count = host_value_count;
  h.value_key = host_value_key;
  h.value_at = host_value_at;
  h.value_str = host_value_str;
  h.value_pos = host_value_pos;
  h.artifacts = host_artifacts;
  h.next = host_next;
  h.query = host_query;
  h.value_int = host_value_int;
  h.temp_dir = host_temp_dir;
  h.header_at = host_header_at;
  h.read = host_read;
  h.digests = host_digests;
  h.answer = host_answer;
  h.raw_digests = host_raw_digests;
  h.temp_file = host_temp_file;
  h.planned = host_planned;
  return h;
}

}  // namespace

std::string etag_of(const std::string& bytes) {
  static constexpr char k_hex[] = "0123456789abcdef";
  std::string hex;
  for (std::uint64_t salt = 0; salt < 2; ++salt) {
    std::uint64_t hash = 1469598103934665603ULL + salt;
    for (const char c : bytes) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    for (int digit = 0; digit < 16; ++digit) {
      hex += k_hex[(hash >> (4 * digit)) & 15U];
    }
  }
  return hex;
}

void World::add(const std::string& key, const std::string& bytes, const std::string& media_type) {
  const bool page = key.size() > 5 && key.compare(key.size() - 5, 5, ".html") == 0;
  const std::string guess = page ? "text/html; charset=utf-8" : "application/octet-stream";
  site.push_back({site.size() + 1, key, bytes, media_type.empty() ? guess : media_type});
}

void World::hold(const std::string& target, const std::string& key, const std::string& bytes) {
  buckets[target].objects[key] = {bytes, etag_of(bytes), "", {}, now_s};
}

void Bucket::retire(const std::string& key) {
  const auto live = objects.find(key);
  if (keeps_versions && live != objects.end()) {
    auto& history = old[key];
    history.insert(history.begin(), live->second);
  }
}

void World::reset() {
  operations.clear();
  reserved.clear();
  answers.clear();
  log.clear();
  findings.clear();
  plan.clear();
  bases.clear();
  states.clear();
  outputs.clear();
  violations.clear();
  most_in_flight = etags_asked = 0;
  planned_late = false;
  files_done = files_total = bytes_done = bytes_total = 0;
}

df_status World::run(const df_stage& stage, const Options& options) {
  static const df_host k_host = make_host();
  df_ctx ctx{};
  ctx.world = this;
  writes_given = 0;
  const std::size_t errors_before = errors();
  ctx.random.seed(seed);
  void* self = nullptr;
  df_status status = stage.create(&ctx, &k_host, &self);
  if (status != DF_OK) {
    return status;
  }
  const df_value top{&options, nullptr, nullptr};
  status = stage.configure(self, &ctx, &top);
  if (status == DF_OK) {
    df_run_info info{};
    info.struct_size = sizeof info;
    info.dry_run = dry_run ? 1 : 0;
    info.artifact_count = site.size();
    info.site_is_file = site_is_file ? 1 : 0;
    const std::string tail = std::to_string(++runs);
    const std::string run_id = "20260101T000000Z-" + std::string(6 - tail.size(), '0') + tail;
    info.run_id = cs(run_id);
    status = stage.run(self, &ctx, &info);
  }
  stage.destroy(self);
  if (!ctx.temp_folder.empty()) {
    std::filesystem::remove_all(ctx.temp_folder);
  }
  return status == DF_OK && errors() > errors_before ? DF_FAILED : status;
}

std::vector<std::string> World::written(const std::string& target) const {
  std::vector<std::string> keys;
  for (const Record& r : operations) {
    if (r.target == target && r.status == DF_OK &&
        (r.kind == DF_OP_PUT || r.kind == DF_OP_TRANSFER || r.kind == DF_OP_COPY)) {
      keys.push_back(r.key);
    }
  }
  return keys;
}

std::int32_t World::state(const std::string& target) const {
  std::int32_t last = DF_SITE_UNCHANGED;
  for (const auto& [name, state] : states) {
    last = name == target ? state : last;
  }
  return last;
}

std::size_t World::errors() const {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(), [](const Finding& f) { return f.severity == DF_ERROR; }));
}

std::size_t World::count(const std::string& begin) const {
  const auto is_one = [&](const Record& r) {
    return is_write(r.kind) && r.key.rfind(begin, 0) == 0;
  };
  return static_cast<std::size_t>(std::count_if(operations.begin(), operations.end(), is_one) +
                                  std::count_if(reserved.begin(), reserved.end(), is_one));
}

std::size_t World::writes() const {
  return static_cast<std::size_t>(
      std::count_if(operations.begin(), operations.end(), [](const Record& r) {
        return r.kind != DF_OP_HEAD && r.kind != DF_OP_GET;
      }));
}

}  // namespace fake
