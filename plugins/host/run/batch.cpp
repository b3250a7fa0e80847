#include "plugins/host/run/batch.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/load/status.hpp"
#include "plugins/host/run/approval.hpp"
#include "plugins/host/store/transfer.hpp"

#include <spdlog/fmt/fmt.h>
#include <string.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace deployflow::run {
namespace {

constexpr std::size_t k_window = 256;  // operations in flight; the store limits requests itself
constexpr std::uint64_t k_read_bytes = 4U
                                       << 20;  // a GET is read and handed on in pieces of this size
constexpr std::size_t k_most_bytes = 16U << 20;  // PUT of bytes
using store::k_reserved;
constexpr int k_no_such_range = 416;  // HTTP

// While this many operations are in flight, results are taken up together after a short while: a
// wake-up of the stage's thread, and then of those that read its files, for each one costs a fifth
// of the CPU of a deployment (measured), and the store has enough to do meanwhile.
constexpr std::size_t k_many = k_window / 2;
constexpr auto k_gather = std::chrono::milliseconds(10);

bool writes(std::int32_t kind) {
  return kind != DF_OP_HEAD && kind != DF_OP_GET;
}

std::optional<Action> shown_as(std::int32_t kind) {
  switch (kind) {
    case DF_OP_PUT:
      return Action::put;
    case DF_OP_TRANSFER:
    case DF_OP_COPY:
      return Action::copy;
    case DF_OP_DELETE:
      return Action::remove;
    default:
      return std::nullopt;
  }
}

std::vector<store::Header> to_headers(const df_header* headers, std::uint64_t count) {
  std::vector<store::Header> out;
  out.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    out.emplace_back(view(headers[i].name), view(headers[i].value));
  }
  return out;
}

}  // namespace

struct Batch::Pending {
  std::uint64_t tag = 0;
  std::int32_t kind = 0;
  std::string target;
  std::string key;
  std::uint64_t size = 0;
  std::string source_etag;  // COPY: what the copy must have
  std::string version;      // HEAD, GET
  df_status (*sink)(void*, std::uint64_t, const std::uint8_t*, std::uint64_t) = nullptr;
  store::ObjectStore* store = nullptr;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::optional<store::StoredOutcome> outcome;  // set on the loop before it is queued

  // GET, piece by piece
  store::ObjectInfo found;
  std::string piece;
  std::uint64_t read = 0;
  std::uint32_t requests = 0;
};

df_status Batch::run() {
  df_status ended = DF_OK;
  bool more = true;
  for (;;) {
    while (more && in_flight_ < k_window) {
      if (stop_.stop_requested()) {
        ended = DF_CANCELLED;
        more = false;
        break;
      }
      const df_status status = pull();
      if (status == DF_AGAIN) {
        if (in_flight_ == 0) {
          return call_.fail({Errc::plugin,
                             "next() waits for a result, but no operation is in flight",
                             "report it to the plugin's author"},
                            "host/batch");
        }
        break;
      }
      if (status != DF_OK) {
        more = false;
        ended = status == DF_NOT_FOUND ? DF_OK : status;
      }
    }
    if (in_flight_ == 0) {
      return ended;
    }
    const auto pending = wait();
    if (!go_on_reading(pending)) {
      --in_flight_;
      deliver(*pending);
    }
  }
}

df_status Batch::pull() {
  df_op op{};
  op.struct_size = sizeof op;
  const df_status status = batch_.next(batch_.user, &op);
  if (status == DF_OK) {
    // The plan is whole before the first object of the site is touched. What a stage does for
    // itself meanwhile, such as renewing a lock on a thread of its own, says nothing about that.
    if (!has_begun_ && writes(op.kind) && !view(op.key).starts_with(k_reserved)) {
      has_begun_ = true;
      call_.run().events.flush_plan(call_.stage().id);
      call_.run().approval.settle(call_, {});  // start() refuses what is not approved
    }
    ++in_flight_;
    start(op);
  }
  return status;
}

void Batch::start(const df_op& op) {
  auto pending = std::make_shared<Pending>();
  pending->tag = op.tag;
  pending->kind = op.kind;
  pending->target = view(op.target);
  pending->key = view(op.key);
  pending->size = op.size;
  pending->version = view(op.from_version);
  pending->sink = op.sink;
  if (writes(op.kind) && !call_.has(DF_CAP_REMOTE_WRITE)) {
    return fail(pending,
                {Errc::auth,
                 "the stage writes without DF_CAP_REMOTE_WRITE",
                 "report it to the plugin's author"});
  }
  if (const auto good = site::check_key(pending->key); !good) {
    return fail(pending, good.error());
  }
  // No key of the site but those that the plan names: also of a stage that declares no changes, or
  // others than it makes. To abort an upload changes no object.
  if (writes(op.kind) && op.kind != DF_OP_ABORT_UPLOAD && !pending->key.starts_with(k_reserved) &&
      !call_.run().approval.allows(
          call_.stage().id, pending->target, pending->key, op.kind == DF_OP_DELETE)) {
    return fail(pending,
                {Errc::conflict,
                 fmt::format("{}: this change is not in the plan", printable(pending->key))});
  }
  auto opened = targets_.open(pending->target);
  if (!opened) {
    return fail(pending, opened.error());
  }
  store::TargetStore& target = **opened;
  const bool beside_site = (op.flags & DF_OP_BESIDE_SITE) != 0;
  if (beside_site && writes(op.kind)) {
    return fail(pending, {Errc::plugin, "DF_OP_BESIDE_SITE is for HEAD and GET alone"});
  }
  pending->store = beside_site ? &target.site_store() : &target.store();
  switch (op.kind) {
    case DF_OP_HEAD:
      return start_simple(pending, store::Head{pending->key, pending->version});
    case DF_OP_GET: {
      store::Get first;
      first.key = pending->key;
      first.version = pending->version;
      first.count = k_read_bytes;
      return start_simple(pending, std::move(first));
    }
    case DF_OP_PUT:
      return start_put(pending, target, op);
    case DF_OP_COPY:
      return start_copy(pending, op);
    case DF_OP_DELETE:
      return start_simple(pending, store::Delete{pending->key, std::string(view(op.if_match))});
    case DF_OP_TRANSFER:
      return start_transfer(pending, target, op);
    case DF_OP_ABORT_UPLOAD:
      return start_simple(pending,
                          store::AbortUpload{pending->key, std::string(view(op.upload_id))});
    default:
      return fail(pending,
                  {Errc::plugin, fmt::format("operation {} is unknown to this host", op.kind)});
  }
}

void Batch::start_put(const std::shared_ptr<Pending>& pending,
                      store::TargetStore& target,
                      const df_op& op) {
  store::PutRequest request;
  request.key = pending->key;
  request.media_type = view(op.media_type);
  request.if_match = view(op.if_match);
  request.if_absent = op.if_absent != 0;
  if (op.artifact_id != 0) {
    const auto artifact = call_.run().artifacts.get(op.artifact_id);
    if (!artifact) {
      return fail(pending, {Errc::plugin, fmt::format("there is no artifact {}", op.artifact_id)});
    }
    pending->size = artifact->size();
    if (artifact->bytes) {
      request.source = artifact->bytes;
    } else {
      request.source = store::FileSource{artifact->path, artifact->stamp};
    }
    request.digests = call_.run().artifacts.known_digests(op.artifact_id);
    if (op.media_type.p == nullptr) {
      request.media_type = artifact->media_type;
    }
    request.headers = artifact->headers;
  } else if (op.path.n > 0) {
    const std::string path(view(op.path));
    auto file = open_regular(path);
    if (!file) {
      return fail(pending, file.error());
    }
    pending->size = file->stamp.size;
    request.source = store::FileSource{path, file->stamp};
  } else {
    if (op.bytes.n > k_most_bytes || request.media_type.empty()) {
      return fail(pending, {Errc::plugin, "bytes to put need a media type and are at most 16 MiB"});
    }
    pending->size = op.bytes.n;
    request.source = std::make_shared<const std::string>(view(op.bytes));
  }
  for (auto& header : to_headers(op.headers, op.header_count)) {
    std::erase_if(request.headers, [&](const auto& old) { return old.first == header.first; });
    request.headers.push_back(std::move(header));
  }
  store::put_object(
      target.context(), std::move(request), [this, pending](store::StoredOutcome outcome) {
        finish(pending, std::move(outcome));
      });
}

void Batch::start_copy(const std::shared_ptr<Pending>& pending, const df_op& op) {
  store::Copy copy;
  copy.from_key = view(op.from_key);
  copy.from_version = view(op.from_version);
  copy.key = pending->key;
  copy.if_match = view(op.if_match);
  if ((op.flags & DF_OP_REPLACE) != 0) {
    copy.replace = {std::string(view(op.media_type)), to_headers(op.headers, op.header_count)};
  }
  copy.size = op.size;
  pending->source_etag = copy.if_match;
  start_simple(pending, std::move(copy));
}

void Batch::start_transfer(const std::shared_ptr<Pending>& pending,
                           store::TargetStore& target,
                           const df_op& op) {
  auto source = targets_.open(view(op.from_target));
  if (!source) {
    return fail(pending, source.error());
  }
  if (call_.run().dry_run) {  // the source would be read for nothing
    return start_dry_transfer(pending, op);
  }
  store::TransferRequest request;
  request.from_key = view(op.from_key);
  request.from_version = view(op.from_version);
  request.size = op.size;
  request.etag = view(op.if_match);
  request.key = pending->key;
  request.extra_headers = to_headers(op.headers, op.header_count);
  if ((op.flags & DF_OP_REPLACE) != 0) {
    request.replace = {std::string(view(op.media_type)), to_headers(op.headers, op.header_count)};
  }
  request.server_side = target.server_side(**source, request.from_key, request.from_version);
  store::transfer(
      (*source)->store(),
      target.context(),
      std::move(request),
      [this, pending](store::StoredOutcome outcome) { finish(pending, std::move(outcome)); });
}

// What a dry run keeps of a write is the same for a transfer as for a copy.
void Batch::start_dry_transfer(const std::shared_ptr<Pending>& pending, const df_op& op) {
  store::Copy copy;
  copy.from_key = view(op.from_key);
  copy.key = pending->key;
  copy.if_match = view(op.if_match);
  copy.replace = {std::string(view(op.media_type)), to_headers(op.headers, op.header_count)};
  copy.size = op.size;
  pending->store->submit(std::move(copy), [this, pending](store::Outcome outcome) {
    if (!outcome) {
      return finish(pending, outcome.error());
    }
    store::Stored swallowed;
    swallowed.object = std::move(outcome->object);
    swallowed.confirmed = true;
    finish(pending, std::move(swallowed));
  });
}

void Batch::start_simple(const std::shared_ptr<Pending>& pending, store::Operation operation) {
  pending->store->submit(std::move(operation), [this, pending](store::Outcome outcome) {
    if (!outcome) {
      return finish(pending, outcome.error());
    }
    store::Stored stored;
    stored.object = std::move(outcome->object);
    stored.requests = outcome->requests;
    stored.confirmed = pending->kind == DF_OP_COPY && !stored.object.etag.empty() &&
                       stored.object.etag == pending->source_etag;
    pending->piece = std::move(outcome->body);
    finish(pending, std::move(stored));
  });
}

void Batch::fail(const std::shared_ptr<Pending>& pending, Error error) {
  finish(pending, store::StoreError{std::move(error), 0, {}, false, false, {}, 0});
}

// On the loop, or on the caller's thread for what failed before it was sent.
void Batch::finish(const std::shared_ptr<Pending>& pending, store::StoredOutcome outcome) {
  pending->outcome.emplace(std::move(outcome));
  const std::lock_guard lock(mutex_);
  finished_.push_back(pending);
  wake_.notify_one();  // under the lock: the waiter may destroy this Batch as soon as it has the
                       // last one
}

std::shared_ptr<Batch::Pending> Batch::wait() {
  std::unique_lock lock(mutex_);
  if (finished_.empty()) {
    wake_.wait(lock, [this] { return !finished_.empty(); });
    if (in_flight_ >= k_many) {
      lock.unlock();
      std::this_thread::sleep_for(k_gather);
      lock.lock();
    }
  }
  auto pending = std::move(finished_.front());
  finished_.pop_front();
  return pending;
}

// A GET is ranges that must all be of the same ETag, each handed to the stage before the next is
// asked for: memory stays bounded however slow the stage is. No head goes before them: what a store
// says when it refuses one has no text, and that may be the region or the time it wants.
bool Batch::go_on_reading(const std::shared_ptr<Pending>& pending) {
  if (pending->kind != DF_OP_GET) {
    return false;
  }
  if (!pending->outcome->ok()) {
    const store::StoreError& error = pending->outcome->error();
    if (error.http_status != k_no_such_range || pending->requests > 0) {
      return false;
    }
    pending->requests = error.requests;  // an object of no bytes has no first one either
    start_simple(pending, store::Head{pending->key, pending->version});
    return true;
  }
  pending->requests += pending->outcome->value().requests;
  if (pending->found.key.empty()) {
    pending->found = pending->outcome->value().object;
    pending->found.key = pending->key;
  }
  const std::string& piece = pending->piece;
  pending->read += piece.size();
  const bool wanted = piece.empty()
                          ? pending->found.size == 0
                          : pending->sink == nullptr ||
                                pending->sink(batch_.user,
                                              pending->tag,
                                              reinterpret_cast<const std::uint8_t*>(piece.data()),
                                              piece.size()) == DF_OK;
  if (!wanted) {
    pending->outcome.emplace(store::StoreError{
        {Errc::remote,
         fmt::format("{}: reading stopped at byte {}", printable(pending->key), pending->read)}});
    return false;
  }
  if (pending->read >= pending->found.size) {
    store::Stored whole;
    whole.object = pending->found;
    whole.requests = pending->requests;
    whole.confirmed = true;
    pending->outcome.emplace(std::move(whole));
    return false;
  }
  store::Get next;
  next.key = pending->key;
  next.version = pending->version;
  next.offset = pending->read;
  next.count = std::min(k_read_bytes, pending->found.size - pending->read);
  next.if_match = pending->found.etag;
  start_simple(pending, std::move(next));
  return true;
}

void Batch::deliver(Pending& pending) {
  df_op_result result{};
  result.struct_size = sizeof result;
  result.tag = pending.tag;
  result.kind = pending.kind;
  std::vector<df_header> headers;
  if (pending.outcome->ok()) {
    const store::Stored& stored = pending.outcome->value();
    result.attempts = stored.requests;
    result.confirmed = stored.confirmed ? 1 : 0;
    result.object.struct_size = sizeof result.object;
    result.object.key = lend(pending.key);
    result.object.size = stored.object.size;
    result.object.mtime_s = stored.object.modified;
    result.object.answered_s = stored.object.answered;
    result.object.etag = lend(stored.object.etag);
    result.object.media_type = lend(stored.object.media_type);
    for (const auto& [name, value] : stored.object.headers) {
      headers.push_back({lend(name), lend(value)});
    }
    result.object.headers = headers.data();
    result.object.header_count = headers.size();
    const auto action = shown_as(pending.kind);
    // What a stage keeps for itself in the reserved folder is no file of the site.
    if (action && !call_.run().dry_run && !pending.key.starts_with(k_reserved)) {
      const std::chrono::duration<double> seconds =
          std::chrono::steady_clock::now() - pending.started;
      call_.run().events.operation(
          {call_.stage().id, pending.target, *action, pending.key, pending.size, seconds.count()});
    }
  } else {
    const store::StoreError& error = pending.outcome->error();
    result.status = load::to_status(error.code);
    result.attempts = error.requests;
    result.http_status = error.http_status;
    result.error_code = lend(error.code_text);
    result.message = lend(error.message);
    result.hint = lend(error.hint);
  }
  batch_.done(batch_.user, &result);
}

}  // namespace deployflow::run
