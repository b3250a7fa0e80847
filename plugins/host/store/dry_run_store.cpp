#include "plugins/host/store/dry_run_store.hpp"

#include "plugins/host/store/part_size.hpp"

#include <utility>

namespace deployflow::store {
namespace {

constexpr std::string_view k_upload_id = "dry-run";

std::uint8_t nibble(char c) {
  return static_cast<std::uint8_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

Md5 to_md5(const std::string& hex) {
  Md5 out{};
  for (std::size_t i = 0; i < out.size() && is_md5_etag(hex); ++i) {
    out[i] = static_cast<std::uint8_t>((nibble(hex[2 * i]) << 4) | nibble(hex[2 * i + 1]));
  }
  return out;
}

struct Answer {
  Reply& reply;

  void operator()(const Put& op) const {
    reply.object.size = op.payload.size;
    reply.object.etag = to_hex(op.payload.md5);
  }
  void operator()(const Copy& op) const {
    reply.object.etag = op.if_match;
    reply.object.size = op.size;
  }
  void operator()(const CreateUpload&) const { reply.upload_id = k_upload_id; }
  void operator()(const UploadPart& op) const {
    reply.parts.push_back({op.number, to_hex(op.payload.md5), op.payload.size});
  }
  void operator()(const CopyPart& op) const {
    reply.parts.push_back({op.number, op.source_etag, op.size});
  }
  void operator()(const CompleteUpload& op) const {
    std::vector<Md5> parts;
    for (const UploadedPart& part : op.parts) {
      parts.push_back(to_md5(part.etag));
      reply.object.size += part.size;
    }
    reply.object.etag = composite_etag(parts);
  }
  template <class Other>
  void operator()(const Other&) const {}
};

/// What the store would hold after a write.
struct Keep {
  PlannedWrites& planned;
  const ObjectInfo& object;

  void operator()(const Put& op) const { keep(op.media_type, op.headers); }
  void operator()(const Copy& op) const {
    if (op.replace) {
      keep(op.replace->first, op.replace->second);
    } else {
      keep({}, {});
    }
  }
  void operator()(const CompleteUpload&) const { keep({}, {}); }
  void operator()(const Delete& op) const { planned.remove(op.key); }
  void operator()(const DeleteMany& op) const {
    for (const std::string& key : op.keys) {
      planned.remove(key);
    }
  }
  template <class Other>
  void operator()(const Other&) const {}

  void keep(std::string media_type, std::vector<Header> headers) const {
    ObjectInfo stored = object;
    stored.media_type = std::move(media_type);
    stored.headers = std::move(headers);
    planned.store(std::move(stored));
  }
};

Outcome answer_of(const std::string& key, std::optional<ObjectInfo> object) {
  if (!object) {
    return StoreError{{Errc::not_found, key + ": deleted in this dry run"}, 404};
  }
  Reply reply;
  reply.requests = 0;
  reply.object = std::move(*object);
  return reply;
}

}  // namespace

void DryRunStore::submit(Operation operation, Completion done) {
  if (const Head* head = std::get_if<Head>(&operation)) {
    if (auto planned = planned_.find(head->key)) {
      loop_.post(
          [done = std::move(done), answer = answer_of(head->key, std::move(*planned))]() mutable {
            done(std::move(answer));
          });
      return;
    }
  }
  if (!is_write(operation)) {
    inner_.submit(std::move(operation), std::move(done));
    return;
  }
  Reply reply;
  reply.requests = 0;
  reply.object.key = operation_key(operation);
  std::visit(Answer{reply}, operation);
  std::visit(Keep{planned_, reply.object}, operation);
  loop_.post(
      [done = std::move(done), reply = std::move(reply)]() mutable { done(std::move(reply)); });
}

}  // namespace deployflow::store
