// The stores of the fake host: operations complete in a seeded random order.

#include "tests/unit/stages/fake_context.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

namespace fake {
namespace {

struct Operation {  // a df_op whose texts are ours: those given are valid only until the next
                    // callback
  df_op op{};
  std::string target, key, from_target, from_key, from_version, if_match, upload_id, bytes, path,
      media_type;
  std::string own_key;  // as given: `key` has the target's folder before it
  std::map<std::string, std::string> headers;
  std::size_t write = 0;  // number among the writes, from 1; 0 = a read
};

/// Every version below the prefix, of each key the live one first.
df_status list_versions(Bucket& bucket,
                        const std::string& folder,
                        const std::string& prefix,
                        void* user,
                        df_status (*each)(void*, const df_object*)) {
  ++bucket.versions_listed;
  std::map<std::string, std::vector<Object>> all = bucket.old;
  for (const auto& [key, object] : bucket.objects) {
    all[key].insert(all[key].begin(), object);
  }
  for (const auto& [key, versions] : all) {
    for (const Object& version : versions) {
      const std::string own_key = key.substr(std::min(key.size(), folder.size()));
      df_object o{};
      o.struct_size = sizeof o;
      o.key = cs(own_key);
      o.size = version.bytes.size();
      o.etag = cs(version.etag);
      o.version_id = cs(version.version);
      const bool is_asked = key.rfind(folder + prefix, 0) == 0 && !is_reserved(own_key);
      if (const df_status status = is_asked ? each(user, &o) : DF_OK; status != DF_OK) {
        return status;
      }
    }
  }
  return DF_OK;
}

/// "primary/previews/a/" is the bucket "primary" from its folder "previews/a/" on.
struct Place {
  std::string bucket, folder;
};

Place place_of(df_str target) {
  const std::string name = str(target);
  const std::size_t slash = std::min(name.find('/'), name.size());
  return {name.substr(0, slash), slash < name.size() ? name.substr(slash + 1) : ""};
}

df_status store_list(df_ctx* c,
                     df_str target,
                     df_str key_prefix,
                     std::uint32_t flags,
                     void* user,
                     df_status (*each)(void*, const df_object*)) {
  const Guard guard(c->mutex);
  World& w = *c->world;
  const Place place = place_of(target);
  Bucket& bucket = w.buckets.at(place.bucket);
  const std::string prefix = str(key_prefix);
  const bool uploads = (flags & DF_LIST_UPLOADS) != 0;
  if (c->cancelled) {
    return DF_CANCELLED;
  }
  if ((flags & DF_LIST_VERSIONS) != 0) {
    return bucket.versions_status != DF_OK
               ? bucket.versions_status
               : list_versions(bucket, place.folder, prefix, user, each);
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
      if (upload.key.rfind(place.folder, 0) != 0) {
        continue;
      }
      if (const df_status status = give(upload.key.substr(place.folder.size()), {}, upload.id);
          status != DF_OK) {
        return status;
      }
    }
    return DF_OK;
  }
  std::vector<std::pair<std::string, Object>> all(bucket.objects.begin(), bucket.objects.end());
  if (bucket.lists_backwards) {
    std::reverse(all.begin(), all.end());
  }
  for (const auto& [whole, object] : all) {
    if (whole.rfind(place.folder, 0) != 0) {
      continue;
    }
    const std::string key = whole.substr(place.folder.size());
    if (key.rfind(prefix, 0) != 0 || (is_reserved(key) && !is_reserved(prefix))) {
      continue;
    }
    if (const df_status status = give(key, object, ""); status != DF_OK) {
      return status;
    }
  }
  return DF_OK;
}

Operation copy_of(const df_op& op) {
  Operation o;
  o.op = op;
  const Place place = place_of(op.target);
  const Place from = op.kind == DF_OP_TRANSFER ? place_of(op.from_target) : place;
  o.target = place.bucket;
  o.own_key = str(op.key);
  o.key = place.folder + o.own_key;
  o.from_target = from.bucket;
  o.from_key = from.folder + str(op.from_key);
  o.from_version = str(op.from_version);
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
  if (bucket.keeps_versions) {
    object.version = "v" + std::to_string(++w.versions_made);
  }
  bucket.retire(o.key);
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

/// The live object, or with `version` that one of it.
const Object* find_object(const Bucket& bucket,
                          const std::string& key,
                          const std::string& version) {
  const auto live = bucket.objects.find(key);
  if (live != bucket.objects.end() && (version.empty() || live->second.version == version)) {
    return &live->second;
  }
  const auto old = bucket.old.find(key);
  if (version.empty() || old == bucket.old.end()) {
    return nullptr;
  }
  const auto found = std::find_if(old->second.begin(), old->second.end(), [&](const Object& one) {
    return one.version == version;
  });
  return found == old->second.end() ? nullptr : &*found;
}

df_status copy_object(World& w, const Operation& o, const std::string& from_target) {
  const Object* source = find_object(w.buckets.at(from_target), o.from_key, o.from_version);
  if (source == nullptr) {
    return DF_NOT_FOUND;
  }
  if (source->etag != o.if_match) {
    return DF_CONFLICT;
  }
  if (o.op.kind == DF_OP_TRANSFER && source->bytes.size() != o.op.size) {
    w.violations.push_back("transfer with a wrong size: " + o.key);
  }
  Object object = *source;
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
  if ((o.op.flags & DF_OP_BESIDE_SITE) != 0) {
    if (o.op.kind != DF_OP_HEAD || !is_reserved(o.key)) {
      w.violations.push_back("DF_OP_BESIDE_SITE on " + o.key);
    }
    return bucket.beside.count(o.key) != 0 ? DF_OK : DF_NOT_FOUND;
  }
  if (o.op.kind == DF_OP_HEAD) {
    return bucket.objects.count(o.key) != 0 ? DF_OK : DF_NOT_FOUND;
  }
  if (o.op.kind == DF_OP_GET) {
    return get(w, batch, o);
  }
  if (bucket.write_status != DF_OK && o.own_key != k_lock) {
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
        w.buckets.at(o.target).retire(o.key);
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
  auto& records = is_reserved(o.own_key) ? w.reserved : w.operations;
  records.push_back(
      {o.op.kind, o.target, o.key, o.upload_id, o.headers, r.status, o.from_key, o.from_version});
  if (is_write(o.op.kind) && r.status == DF_OK && w.on_write && !is_reserved(o.own_key)) {
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
    if (is_write(op.kind) && flying.back().own_key != k_lock) {
      flying.back().write = ++w.writes_given;
      c->cancelled = c->cancelled || w.writes_given == w.cancel_at;
    }
    w.most_in_flight = std::max(w.most_in_flight, flying.size());
  }
  return true;
}

df_status store_batch(df_ctx* c, const df_batch* given) {
  const Guard guard(c->mutex);
  df_batch as_carried_out = *given;
  const df_batch* batch = &as_carried_out;
  bool is_farewell = (given->flags & DF_BATCH_FAREWELL) != 0;
  if (c->cancelled && !is_farewell) {
    return DF_CANCELLED;
  }
  if (is_farewell && std::exchange(c->world->cut_farewell, false)) {
    c->cancelled = true;  // while it is under way, as any other batch
    is_farewell = false;
    as_carried_out.flags = 0;
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
  out->display = cs(c->texts.emplace_back("s3://" + str(name)));
  out->object_base = cs(c->texts.emplace_back("http://store/" + str(name)));
  out->prefix = cs(c->world->prefix);
  static const std::string k_display = "s3://site";
  out->display = cs(k_display);
  const auto bucket = c->world->buckets.find(str(name));
  if (bucket != c->world->buckets.end() && !bucket->second.state.empty()) {
    out->state = cs(bucket->second.state);
  }
  return DF_OK;
}

df_status store_website(df_ctx* c, df_str target, df_website* out) {
  const Guard guard(c->mutex);
  World& w = *c->world;
  const Bucket& bucket = w.buckets.at(str(target));
  if (bucket.website_status != DF_OK) {
    if (bucket.website_status != DF_UNSUPPORTED) {
      w.findings.push_back({DF_ERROR, "store/website", "may not be read", "", 0});
    }
    return bucket.website_status;
  }
  if (!bucket.website) {
    return DF_NOT_FOUND;
  }
  out->flags = bucket.website->has_more ? DF_WEBSITE_HAS_MORE : 0;
  out->index = cs(c->texts.emplace_back(bucket.website->index));
  out->error_key = cs(c->texts.emplace_back(bucket.website->error));
  return DF_OK;
}

df_status store_set_website(df_ctx* c, df_str target, const df_website* given) {
  const Guard guard(c->mutex);
  World& w = *c->world;
  w.websites_set.emplace_back(str(target), w.writes());
  if (!w.dry_run) {
    w.buckets.at(str(target)).website = Website{str(given->index), str(given->error_key), false};
  }
  return DF_OK;
}

df_status store_versioning(df_ctx* c, df_str target, std::int32_t* out) {
  const Guard guard(c->mutex);
  const Bucket& bucket = c->world->buckets.at(str(target));
  *out = bucket.keeps_versions ? DF_VERSIONS_ENABLED : DF_VERSIONS_NEVER;
  return bucket.versions_status;
}

}  // namespace

const df_objectstore& store_table() {
  static const df_objectstore k_store = [] {
    df_objectstore store{};
    store.struct_size = sizeof store;
    store.list = store_list;
    store.batch = store_batch;
    store.etags = store_etags;
    store.target = store_target;
    store.website = store_website;
    store.set_website = store_set_website;
    store.versioning = store_versioning;
    return store;
  }();
  return k_store;
}

}  // namespace fake
