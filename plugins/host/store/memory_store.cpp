#include "plugins/host/store/memory_store.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/bucket_config_xml.hpp"
#include "plugins/host/store/part_size.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

StoreError refuse(Errc code, int status, std::string_view name) {
  StoreError error;
  error.code = code;
  error.http_status = status;
  error.code_text = name;
  error.message = fmt::format("{} {}", status, name);
  return error;
}

StoreError no_such_key() {
  return refuse(Errc::not_found, 404, "NoSuchKey");
}
StoreError no_such_upload() {
  return refuse(Errc::not_found, 404, "NoSuchUpload");
}
StoreError failed_condition() {
  return refuse(Errc::conflict, 412, "PreconditionFailed");
}

// The bytes as they arrive, checked against their digests as a server does.
Result<std::string, StoreError> received(const Payload& payload) {
  std::string bytes;
  if (payload.file != nullptr) {
    bytes.resize(payload.size);
    const auto got = read_at(payload.file->fd, payload.offset, bytes, payload.path);
    if (!got.ok() || got.value() < payload.size) {
      StoreError error;
      error.code = Errc::conflict;
      error.message = fmt::format("{}: changed while it was being deployed", payload.path);
      return error;
    }
  } else if (payload.bytes != nullptr) {
    bytes = *payload.bytes;
  }
  if (md5(bytes) != payload.md5 || sha256(bytes) != payload.sha256) {
    StoreError error = refuse(Errc::remote, 400, "BadDigest");
    error.transient = true;
    return error;
  }
  return bytes;
}

}  // namespace

MemoryStore::MemoryStore(Loop& loop, MemoryOptions options) : loop_(loop), options_(options) {}

void MemoryStore::submit(Operation operation, Completion done) {
  auto shared = std::make_shared<Operation>(std::move(operation));
  loop_.post([this, shared, done = std::move(done)] {
    if (loop_.cancelled()) {
      done(refuse(Errc::cancelled, 0, "interrupted"));
      return;
    }
    Outcome outcome = apply(*shared);
    if (!outcome.ok()) {
      outcome.error().message = fmt::format("{} {}: {}",
                                            operation_name(*shared),
                                            printable(operation_key(*shared)),
                                            outcome.error().message);
    }
    done(std::move(outcome));
  });
}

Outcome MemoryStore::apply(const Operation& operation) {
  if (!options_.has_bucket && !std::holds_alternative<CreateBucket>(operation)) {
    return refuse(Errc::not_found, 404, "NoSuchBucket");
  }
  return std::visit([this](const auto& op) { return on(op); }, operation);
}

template <class Op>
Result<const MemoryStore::Object*, StoreError> MemoryStore::source_of(
    const Op& op, const std::string& etag) const {
  const MemoryStore* store = this;
  if (!op.from_bucket.empty()) {
    const auto neighbour = neighbours_.find(op.from_bucket);
    if (neighbour == neighbours_.end()) {
      return refuse(Errc::not_found, 404, "NoSuchBucket");
    }
    store = neighbour->second;
  }
  const Object* found = store->find(op.from_key, op.from_version);
  if (found == nullptr) {
    return no_such_key();
  }
  if (!etag.empty() && found->info.etag != etag) {
    return failed_condition();
  }
  return found;
}

bool MemoryStore::condition_fails(const std::string& key,
                                  const std::string& if_match,
                                  bool if_absent) const {
  const auto found = objects_.find(key);
  if (if_absent && found != objects_.end()) {
    return true;
  }
  return !if_match.empty() && (found == objects_.end() || found->second.info.etag != if_match);
}

Reply MemoryStore::store(const std::string& key,
                         std::string bytes,
                         std::string etag,
                         std::string media_type,
                         std::vector<Header> headers) {
  Object object;
  object.info.key = key;
  object.info.size = bytes.size();
  object.info.etag = std::move(etag);
  object.info.modified = clock_++;
  object.info.media_type = media_type.empty() ? "binary/octet-stream" : std::move(media_type);
  object.info.headers = std::move(headers);
  object.bytes = std::make_shared<const std::string>(std::move(bytes));
  Reply reply;
  reply.object.key = key;
  reply.object.size = object.info.size;
  reply.object.etag = object.info.etag;
  if (versioning() == Versioning::enabled) {
    object.version = fmt::format("version-{:06}", next_version_++);
  }
  retire(key);
  objects_[key] = std::move(object);
  return reply;
}

Outcome MemoryStore::on(const ListPage& op) {
  const std::size_t most = std::min(options_.page, op.max_keys);
  const std::string& after = op.token.empty() ? op.start_after : op.token;
  auto it = after < op.prefix ? objects_.lower_bound(op.prefix) : objects_.upper_bound(after);
  Reply reply;
  for (; it != objects_.end() && it->first.compare(0, op.prefix.size(), op.prefix) == 0; ++it) {
    if (reply.objects.size() == most) {
      reply.truncated = true;
      reply.next_token = reply.objects.empty() ? after : reply.objects.back().key;
      break;
    }
    ObjectInfo info = it->second.info;
    info.media_type.clear();
    info.headers.clear();
    reply.objects.push_back(std::move(info));
  }
  return reply;
}

Outcome MemoryStore::on(const Head& op) {
  const Object* found = find(op.key, op.version);
  if (found == nullptr) {
    return no_such_key();
  }
  Reply reply;
  reply.object = found->info;
  return reply;
}

Outcome MemoryStore::on(const Get& op) {
  const Object* found = find(op.key, op.version);
  if (found == nullptr) {
    return no_such_key();
  }
  const Object& object = *found;
  if (!op.if_match.empty() && object.info.etag != op.if_match) {
    return failed_condition();
  }
  if ((op.offset > 0 || op.count) && op.offset >= object.info.size) {
    return refuse(Errc::remote, 416, "InvalidRange");
  }
  const auto bytes =
      std::string_view(*object.bytes)
          .substr(static_cast<std::size_t>(op.offset),
                  op.count ? static_cast<std::size_t>(*op.count) : std::string_view::npos);
  Reply reply;
  reply.object = object.info;
  if (!op.sink) {
    reply.body = bytes;
  } else if (auto taken = op.sink(bytes); !taken.ok()) {
    StoreError error;
    static_cast<Error&>(error) = std::move(taken.error());
    return error;
  }
  return reply;
}

Outcome MemoryStore::on(const Put& op) {
  auto bytes = received(op.payload);
  if (!bytes.ok()) {
    return std::move(bytes.error());
  }
  if (condition_fails(op.key, op.if_match, op.if_absent)) {
    return failed_condition();
  }
  return store(op.key, std::move(*bytes), to_hex(op.payload.md5), op.media_type, op.headers);
}

Outcome MemoryStore::on(const Delete& op) {
  if (!op.if_match.empty() && objects_.contains(op.key) &&
      condition_fails(op.key, op.if_match, false)) {
    return failed_condition();
  }
  retire(op.key);
  objects_.erase(op.key);
  return Reply{};
}

Outcome MemoryStore::on(const DeleteMany& op) {
  if (op.keys.size() > 1000) {
    return refuse(Errc::remote, 400, "MalformedXML");
  }
  for (const std::string& key : op.keys) {
    retire(key);
    objects_.erase(key);
  }
  return Reply{};
}

Outcome MemoryStore::on(const Copy& op) {
  auto found = source_of(op, op.if_match);
  if (!found.ok()) {
    return std::move(found.error());
  }
  if (op.from_bucket.empty() && op.from_key == op.key && op.from_version.empty() && !op.replace) {
    return refuse(Errc::remote, 400, "InvalidRequest");
  }
  const Object source = **found;
  return store(op.key,
               *source.bytes,
               to_hex(md5(*source.bytes)),
               op.replace ? op.replace->first : source.info.media_type,
               op.replace ? op.replace->second : source.info.headers);
}

Outcome MemoryStore::on(const CreateUpload& op) {
  Reply reply;
  reply.upload_id = fmt::format("upload-{:06}", next_upload_++);
  reply.object.key = op.key;
  uploads_[reply.upload_id] = {op.key, op.media_type, op.headers, clock_++, {}};
  return reply;
}

Outcome MemoryStore::on(const UploadPart& op) {
  const auto upload = uploads_.find(op.upload_id);
  if (upload == uploads_.end() || upload->second.key != op.key) {
    return no_such_upload();
  }
  if (op.number < 1 || op.number > 10'000) {
    return refuse(Errc::remote, 400, "InvalidArgument");
  }
  auto bytes = received(op.payload);
  if (!bytes.ok()) {
    return std::move(bytes.error());
  }
  upload->second.parts[op.number] = {std::move(*bytes), op.payload.md5};
  Reply reply;
  reply.object.key = op.key;
  reply.parts.push_back({op.number, to_hex(op.payload.md5), op.payload.size});
  return reply;
}

Outcome MemoryStore::on(const CopyPart& op) {
  const auto upload = uploads_.find(op.upload_id);
  if (upload == uploads_.end() || upload->second.key != op.key) {
    return no_such_upload();
  }
  auto found = source_of(op, op.source_etag);
  if (!found.ok()) {
    return std::move(found.error());
  }
  const std::string& source = *(*found)->bytes;
  if (op.size == 0 || op.offset >= source.size() || op.size > source.size() - op.offset) {
    return refuse(Errc::remote, 416, "InvalidRange");
  }
  std::string bytes =
      source.substr(static_cast<std::size_t>(op.offset), static_cast<std::size_t>(op.size));
  const Md5 digest = md5(bytes);
  upload->second.parts[op.number] = {std::move(bytes), digest};
  Reply reply;
  reply.object.key = op.key;
  reply.parts.push_back({op.number, to_hex(digest), op.size});
  return reply;
}

Outcome MemoryStore::on(const CompleteUpload& op) {
  const auto upload = uploads_.find(op.upload_id);
  if (upload == uploads_.end() || upload->second.key != op.key) {
    return no_such_upload();
  }
  std::string bytes;
  std::vector<Md5> digests;
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < op.parts.size(); ++i) {
    const auto part = upload->second.parts.find(op.parts[i].number);
    if (part == upload->second.parts.end() || to_hex(part->second.second) != op.parts[i].etag) {
      return refuse(Errc::remote, 400, "InvalidPart");
    }
    if (op.parts[i].number <= last) {
      return refuse(Errc::remote, 400, "InvalidPartOrder");
    }
    if (i + 1 < op.parts.size() && part->second.first.size() < options_.least_part) {
      return refuse(Errc::remote, 400, "EntityTooSmall");
    }
    last = op.parts[i].number;
    bytes += part->second.first;
    digests.push_back(part->second.second);
  }
  if (digests.empty()) {
    return refuse(Errc::remote, 400, "MalformedXML");
  }
  if (condition_fails(op.key, op.if_match, op.if_absent)) {
    return failed_condition();
  }
  Upload taken = std::move(upload->second);
  uploads_.erase(upload);
  return store(op.key,
               std::move(bytes),
               composite_etag(digests),
               std::move(taken.media_type),
               std::move(taken.headers));
}

Outcome MemoryStore::on(const AbortUpload& op) {
  uploads_.erase(op.upload_id);
  return Reply{};
}

Outcome MemoryStore::on(const ListParts& op) {
  const auto upload = uploads_.find(op.upload_id);
  if (upload == uploads_.end() || upload->second.key != op.key) {
    return no_such_upload();
  }
  Reply reply;
  reply.object.key = op.key;
  const auto& parts = upload->second.parts;
  for (auto it = parts.upper_bound(op.after_number); it != parts.end(); ++it) {
    if (reply.parts.size() == options_.page) {
      reply.truncated = true;
      break;
    }
    reply.parts.push_back({it->first, to_hex(it->second.second), it->second.first.size()});
  }
  return reply;
}

Outcome MemoryStore::on(const ListUploads& op) {
  std::vector<UnfinishedUpload> all;
  for (const auto& [id, upload] : uploads_) {
    const bool is_after =
        op.after_key.empty() || upload.key > op.after_key ||
        (upload.key == op.after_key && !op.after_upload_id.empty() && id > op.after_upload_id);
    if (upload.key.compare(0, op.prefix.size(), op.prefix) == 0 && is_after) {
      all.push_back({upload.key, id, upload.started});
    }
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.key, a.upload_id) < std::tie(b.key, b.upload_id);
  });
  Reply reply;
  if (all.size() > options_.page) {
    all.resize(options_.page);
    reply.truncated = true;
    reply.next_key = all.back().key;
    reply.next_id = all.back().upload_id;
  }
  reply.uploads = std::move(all);
  return reply;
}

Outcome MemoryStore::on(const GetTags& op) {
  const auto found = objects_.find(op.key);
  if (found == objects_.end()) {
    return no_such_key();
  }
  Reply reply;
  reply.tags = found->second.tags;
  return reply;
}

Outcome MemoryStore::on(const SetTags& op) {
  const auto found = objects_.find(op.key);
  if (found == objects_.end()) {
    return no_such_key();
  }
  found->second.tags = op.tags;
  std::sort(found->second.tags.begin(), found->second.tags.end());
  return Reply{};
}

Outcome MemoryStore::on(const GetBucketConfig& op) {
  const auto found = config_.find(op.aspect);
  Reply reply;
  reply.config = found == config_.end() ? unset_config(op.aspect) : found->second;
  return reply;
}

Outcome MemoryStore::on(const SetBucketConfig& op) {
  if (auto made = make_bucket_config_xml(op.config); !made.ok()) {
    StoreError error = refuse(Errc::remote, 400, "MalformedXML");
    error.hint = made.error().message;
    return error;
  }
  config_[aspect_of(op.config)] = op.config;
  return Reply{};
}

Outcome MemoryStore::on(const BucketExists& /*op*/) {
  return Reply{};
}

Outcome MemoryStore::on(const CreateBucket& /*op*/) {
  options_.has_bucket = true;
  return Reply{};
}

}  // namespace deployflow::store
