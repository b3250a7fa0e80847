// Long because it is the whole contract of stage.h once more, in memory.
#include "tests/unit/stages/fake_host.hpp"

#include <stdlib.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>

using fake::World;

struct df_value {
  const fake::Options* map = nullptr;
  const fake::Option* option = nullptr;  // one option; with `item` set, one text of it
  const std::string* item = nullptr;
};

struct df_cursor {
  std::size_t at = 0;
};

struct df_ctx {
  World* world = nullptr;
  std::deque<df_value> values;
  std::deque<df_cursor> cursors;
  df_artifact view{};
  std::deque<std::string> texts;
  bool cancelled = false;
  std::mt19937 random;
  std::string temp_folder;
  // Every call takes it: stages have threads. A batch holds it to its end.
  std::recursive_mutex mutex;
};

namespace fake {
namespace {

df_str cs(const std::string& text) {
  return {text.data(), text.size()};
}
std::string str(df_str text) {
  return text.p != nullptr ? std::string(text.p, text.n) : "";
}

// ---- df_host
// ----------------------------------------------------------------------------------------

using Guard = std::lock_guard<std::recursive_mutex>;

constexpr char k_reserved[] = ".deployflow/";
constexpr char k_lock[] = ".deployflow/lock.json";

bool is_reserved(const std::string& key) {
  return key.rfind(k_reserved, 0) == 0;
}

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
  const auto found = v->map->find(str(key));
  return found == v->map->end() ? nullptr : keep(c, {nullptr, &found->second, nullptr});
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

const Artifact* find_artifact(const World& w, std::uint64_t id) {
  const auto found =
      std::find_if(w.site.begin(), w.site.end(), [id](const Artifact& a) { return a.id == id; });
  return found == w.site.end() ? nullptr : &*found;
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

// ---- df_objectstore
// ---------------------------------------------------------------------------------

struct Operation {  // a df_op whose texts are ours: those given are valid only until the next
                    // callback
  df_op op{};
  std::string target, key, from_target, from_key, if_match, upload_id, bytes, path, media_type;
  std::map<std::string, std::string> headers;
  std::size_t write = 0;  // number among the writes, from 1; 0 = a read
};

df_status store_list(df_ctx* c,
                     df_str target,
                     df_str key_prefix,
                     std::uint32_t flags,
                     void* user,
                     df_status (*each)(void*, const df_object*)) {
  const Guard guard(c->mutex);
  World& w = *c->world;
  const Bucket& bucket = w.buckets.at(str(target));
  const std::string prefix = str(key_prefix);
  const bool uploads = (flags & DF_LIST_UPLOADS) != 0;
  if (c->cancelled) {
    return DF_CANCELLED;
  }
  if (uploads && bucket.uploads_status != DF_OK) {
    return bucket.uploads_status;
  }
  if (!uploads && bucket.list_status != DF_OK) {
    w.findings.push_back({DF_ERROR, "store/list", str(target) + " cannot be listed", "", 0});
    return bucket.list_status;
  }
  const auto give = [&](const std::string& key, const Object& object, const std::string& upload) {
    const auto own_key =
        std::make_unique<std::string>(key);  // ends with the call: ASan sees who keeps it
    const auto own_etag = std::make_unique<std::string>(object.etag);
    df_object o{};
    o.struct_size = sizeof o;
    o.key = cs(*own_key);
    o.size = object.bytes.size();
    o.etag = cs(*own_etag);
    o.upload_id = cs(upload);
    o.mtime_s = object.modified_s;
    return each(user, &o);
  };
  if (uploads) {
    for (const Upload& upload : bucket.uploads) {
      if (const df_status status = give(upload.key, {}, upload.id); status != DF_OK) {
        return status;
      }
    }
    return DF_OK;
  }
  std::vector<std::pair<std::string, Object>> all(bucket.objects.begin(), bucket.objects.end());
  if (bucket.lists_backwards) {
    std::reverse(all.begin(), all.end());
  }
  for (const auto& [key, object] : all) {
    if (key.rfind(prefix, 0) != 0 || (is_reserved(key) && !is_reserved(prefix))) {
      continue;
    }
    if (const df_status status = give(key, object, ""); status != DF_OK) {
      return status;
    }
  }
  return DF_OK;
}

bool is_write(std::int32_t kind) {
  return kind != DF_OP_HEAD && kind != DF_OP_GET;
}

Operation copy_of(const df_op& op) {
  Operation o;
  o.op = op;
  o.target = str(op.target);
  o.key = str(op.key);
  o.from_target = str(op.from_target);
  o.from_key = str(op.from_key);
  o.if_match = str(op.if_match);
  o.upload_id = str(op.upload_id);
  o.bytes = str(op.bytes);
  o.path = str(op.path);
  o.media_type = str(op.media_type);
  for (std::uint64_t i = 0; i < op.header_count; ++i) {
    o.headers[str(op.headers[i].name)] = str(op.headers[i].value);
  }
  return o;
}

void store_object(World& w, const Operation& o, Object object) {
  if (w.dry_run) {
    return;
  }
  Bucket& bucket = w.buckets.at(o.target);
  object.etag = etag_of((bucket.invents_etags ? "salt" : "") + object.bytes);
  object.modified_s = w.now_s;
  bucket.objects[o.key] = std::move(object);
}

bool may_put(World& w, const Operation& o) {
  const Bucket& bucket = w.buckets.at(o.target);
  const auto found = bucket.objects.find(o.key);
  const bool is_there = found != bucket.objects.end();
  return bucket.ignores_conditions ||
         ((o.op.if_absent == 0 || !is_there) &&
          (o.if_match.empty() || (is_there && found->second.etag == o.if_match)));
}

df_status put(World& w, const Operation& o) {
  if (!may_put(w, o)) {
    return DF_CONFLICT;
  }
  Object object{o.bytes, "", o.media_type, o.headers};
  if (!o.path.empty()) {
    std::ifstream file(o.path, std::ios::binary);
    object.bytes.assign(std::istreambuf_iterator<char>(file), {});
  } else if (o.op.artifact_id != 0 || o.bytes.empty()) {
    const Artifact* artifact = find_artifact(w, o.op.artifact_id);
    if (artifact == nullptr) {
      w.violations.push_back("put of no artifact: " + o.key);
      return DF_INTERNAL;
    }
    object.bytes = artifact->bytes;
    object.media_type = o.media_type.empty() ? artifact->media_type : o.media_type;
  }
  store_object(w, o, std::move(object));
  return DF_OK;
}

df_status copy_object(World& w, const Operation& o, const std::string& from_target) {
  const auto& objects = w.buckets.at(from_target).objects;
  const auto source = objects.find(o.from_key);
  if (source == objects.end()) {
    return DF_NOT_FOUND;
  }
  if (source->second.etag != o.if_match) {
    return DF_CONFLICT;
  }
  if (o.op.kind == DF_OP_TRANSFER && source->second.bytes.size() != o.op.size) {
    w.violations.push_back("transfer with a wrong size: " + o.key);
  }
  Object object = source->second;
  if ((o.op.flags & DF_OP_REPLACE) != 0) {
    object.headers.clear();
    object.media_type = o.media_type;
  }
  for (const auto& [name, value] : o.headers) {
    object.headers[name] = value;
  }
  store_object(w, o, std::move(object));
  return DF_OK;
}

df_status get(World& w, const df_batch* batch, const Operation& o) {
  const auto& objects = w.buckets.at(o.target).objects;
  const auto found = objects.find(o.key);
  if (found == objects.end()) {
    return DF_NOT_FOUND;
  }
  const std::string& bytes = found->second.bytes;
  return o.op.sink(
      batch->user, o.op.tag, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

df_status abort_upload(World& w, const Operation& o) {
  auto& uploads = w.buckets.at(o.target).uploads;
  const auto gone = [&](const Upload& u) { return u.key == o.key && u.id == o.upload_id; };
  if (!w.dry_run) {
    uploads.erase(std::remove_if(uploads.begin(), uploads.end(), gone), uploads.end());
  }
  return DF_OK;
}

df_status carry_out(df_ctx* c, const df_batch* batch, const Operation& o) {
  World& w = *c->world;
  const Bucket& bucket = w.buckets.at(o.target);
  if (c->cancelled && (batch->flags & DF_BATCH_FAREWELL) == 0) {
    return DF_CANCELLED;
  }
  if (o.op.kind == DF_OP_HEAD) {
    return bucket.objects.count(o.key) != 0 ? DF_OK : DF_NOT_FOUND;
  }
  if (o.op.kind == DF_OP_GET) {
    return get(w, batch, o);
  }
  if (bucket.write_status != DF_OK && o.key != k_lock) {
    return bucket.write_status;
  }
  if (o.write != 0 && o.write == w.fail_at) {
    return w.fail_with;
  }
  switch (o.op.kind) {
    case DF_OP_PUT:
      return put(w, o);
    case DF_OP_TRANSFER:
      return copy_object(w, o, o.from_target);
    case DF_OP_COPY:
      return copy_object(w, o, o.target);
    case DF_OP_DELETE:
      if (!w.dry_run) {
        w.buckets.at(o.target).objects.erase(o.key);
      }
      return DF_OK;
    case DF_OP_ABORT_UPLOAD:
      return abort_upload(w, o);
    default:
      w.violations.push_back("unexpected kind of operation");
      return DF_INTERNAL;
  }
}

void complete(df_ctx* c, const df_batch* batch, const Operation& o) {
  World& w = *c->world;
  df_op_result r{};
  r.struct_size = sizeof r;
  r.tag = o.op.tag;
  r.kind = o.op.kind;
  r.attempts = 1;
  r.status = carry_out(c, batch, o);
  r.confirmed = r.status == DF_OK && w.confirms ? 1 : 0;
  std::vector<df_header> headers;
  const auto& objects = w.buckets.at(o.target).objects;
  const auto found = objects.find(o.key);
  if (r.status == DF_OK && found != objects.end()) {
    r.object.size = found->second.bytes.size();
    r.object.etag = cs(found->second.etag);
    r.object.media_type = cs(found->second.media_type);
    r.object.mtime_s = found->second.modified_s;
    r.object.answered_s = w.now_s;
    for (const auto& [name, value] : found->second.headers) {
      headers.push_back({cs(name), cs(value)});
    }
    r.object.headers = headers.data();
    r.object.header_count = headers.size();
  }
  const std::string message = r.status == DF_OK ? "" : "503 SlowDown, still after 5 tries";
  r.message = cs(message);
  auto& records = is_reserved(o.key) ? w.reserved : w.operations;
  records.push_back({o.op.kind, o.target, o.key, o.upload_id, o.headers, r.status, o.from_key});
  if (is_write(o.op.kind) && r.status == DF_OK && w.on_write && !is_reserved(o.key)) {
    w.on_write(records.back());
  }
  batch->done(batch->user, &r);
}

/// Pull until the concurrency is used; false when the stage has no more.
bool fill(df_ctx* c, const df_batch* batch, std::vector<Operation>& flying, df_status& last) {
  World& w = *c->world;
  while (flying.size() < w.concurrency) {
    df_op op{};
    op.struct_size = sizeof op;
    last = batch->next(batch->user, &op);
    if (last != DF_OK) {
      return last == DF_AGAIN;
    }
    flying.push_back(copy_of(op));
    if (is_write(op.kind) && flying.back().key != k_lock) {
      flying.back().write = ++w.writes_given;
      c->cancelled = c->cancelled || w.writes_given == w.cancel_at;
    }
    w.most_in_flight = std::max(w.most_in_flight, flying.size());
  }
  return true;
}

df_status store_batch(df_ctx* c, const df_batch* batch) {
  const Guard guard(c->mutex);
  const bool is_farewell = (batch->flags & DF_BATCH_FAREWELL) != 0;
  if (c->cancelled && !is_farewell) {
    return DF_CANCELLED;
  }
  std::vector<Operation> flying;
  df_status last = DF_OK;
  bool more = true;
  for (;;) {
    more = more && fill(c, batch, flying, last);
    if (flying.empty()) {
      if (more) {
        c->world->violations.push_back("DF_AGAIN with nothing in flight: the host would hang");
      }
      return c->cancelled && !is_farewell ? DF_CANCELLED : (last == DF_NOT_FOUND ? DF_OK : last);
    }
    const std::size_t pick = flying.size() > 1 ? c->random() % flying.size() : 0;
    const Operation chosen = flying[pick];
    flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(pick));
    complete(c, batch, chosen);
  }
}

df_status store_etags(df_ctx* c, const std::uint64_t* ids, std::uint64_t count, df_str* out) {
  const Guard guard(c->mutex);
  for (std::uint64_t i = 0; i < count; ++i) {
    ++c->world->etags_asked;
    out[i] = cs(c->texts.emplace_back(etag_of(find_artifact(*c->world, ids[i])->bytes)));
  }
  return DF_OK;
}

df_status store_target(df_ctx* c, df_str name, df_target_info* out) {
  out->name = name;
  out->prefix = cs(c->world->prefix);
  return DF_OK;
}

const void* host_query(df_ctx*, const char* table) {
  static const df_objectstore k_store = [] {
    df_objectstore store{};
    store.struct_size = sizeof store;
    store.list = store_list;
    store.batch = store_batch;
    store.etags = store_etags;
    store.target = store_target;
    return store;
  }();
  return std::string(table) == DF_OBJECTSTORE ? &k_store : nullptr;
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

void World::reset() {
  operations.clear();
  reserved.clear();
  answers.clear();
  log.clear();
  findings.clear();
  plan.clear();
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
