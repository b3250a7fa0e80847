#include "plugins/host/store/put_object.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/confirm.hpp"
#include "plugins/host/store/fetch_range.hpp"
#include "plugins/host/store/part_size.hpp"
#include "plugins/host/store/source_file.hpp"
#include "plugins/host/store/upload_parts.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

// Smaller files are read once, hashed and sent from memory; larger ones are read once to hash them
// and once to send them, through libcurl's buffer of about this size.
constexpr std::uint64_t k_in_memory = 256U << 10;

StoreError to_store_error(Error error) {
  StoreError out;
  static_cast<Error&>(out) = std::move(error);
  out.requests = 0;
  return out;
}

class PutFlow : public std::enable_shared_from_this<PutFlow> {
 public:
  PutFlow(const StoreContext& context, PutRequest request, StoredCompletion done)
      : context_(context), request_(std::move(request)), done_(std::move(done)) {}

  void run() {
    if (context_.loop.cancelled()) {
      finish(to_store_error(
          {Errc::cancelled, fmt::format("{}: interrupted", printable(request_.key))}));
    } else if (size() > k_max_object_bytes) {
      finish(to_store_error({Errc::input,
                             fmt::format("{}: {} is over 5 TiB, the most that S3 stores",
                                         printable(request_.key),
                                         format_bytes(size()))}));
    } else if (file() == nullptr) {
      start();
    } else if (size() <= k_in_memory) {
      // A small charge for what surrounds the bytes, so that empty files are not free.
      const std::uint64_t charged = size() + 1024;
      context_.files.acquire(
          charged, [self = shared_from_this(), charged] { self->read_then_put(charged); });
    } else {
      // The file is open until it is stored, and a process may have few descriptors.
      context_.files.acquire(k_in_memory, [self = shared_from_this()] {
        self->charged_ = k_in_memory;
        self->start();
      });
    }
  }

 private:
  void start() {
    if (size() > k_single_put_bytes) {
      put_parts();
    } else {
      hash_then_put();
    }
  }
  [[nodiscard]] const FileSource* file() const { return std::get_if<FileSource>(&request_.source); }
  [[nodiscard]] const std::shared_ptr<const std::string>& bytes() const {
    return std::get<0>(request_.source);
  }
  [[nodiscard]] const std::optional<RawDigests>& known() const { return request_.digests; }
  [[nodiscard]] std::uint64_t size() const {
    return file() != nullptr ? file()->stamp.size : bytes()->size();
  }

  void read_then_put(std::uint64_t charged);
  void hash_then_put();
  Result<Payload> hash();
  void put(Result<Payload> payload);
  void on_put(Outcome outcome);
  void prove(Stored stored);
  void put_parts();
  void put_file_parts(Result<std::shared_ptr<const OpenFile>> opened);
  void run_parts(PartsRequest parts);
  void end(StoredOutcome outcome);
  void once_more();
  void let_go();
  void finish(StoredOutcome outcome);

  StoreContext context_;
  PutRequest request_;
  StoredCompletion done_;
  std::shared_ptr<const OpenFile> open_;
  SentRange sent_;
  Md5 md5_{};
  std::uint64_t charged_ = 0;  // of context_.files
  bool again_ = false;
  std::uint32_t requests_ = 0;
};

void PutFlow::read_then_put(std::uint64_t charged) {
  context_.pool.submit([self = shared_from_this(), charged] {
    auto payload = read_source(*self->file(), self->known());
    StoreContext& context = self->context_;
    if (payload.ok()) {
      charge(*payload, context.files, context.loop, charged);
    }
    context.loop.post([self, charged, payload = std::move(payload)]() mutable {
      if (!payload.ok()) {
        self->context_.files.release(charged);
      }
      self->put(std::move(payload));
    });
  });
}

// Bytes that the caller holds, or a file that is read to hash it, if nobody has, and to send it, by
// one descriptor.
void PutFlow::hash_then_put() {
  context_.pool.submit([self = shared_from_this()] {
    self->context_.loop.post(
        [self, hashed = self->hash()]() mutable { self->put(std::move(hashed)); });
  });
}

Result<Payload> PutFlow::hash() {
  if (file() == nullptr) {
    return make_payload(bytes(), known() ? *known() : RawDigests{sha256(*bytes()), md5(*bytes())});
  }
  TRY_ASSIGN(open_, open_source(*file()));
  if (!known()) {
    return hash_range(open_, file()->path, 0, size(), context_.loop);
  }
  Payload payload;
  payload.file = open_;
  payload.path = file()->path;
  payload.size = size();
  payload.sha256 = known()->sha256;
  payload.md5 = known()->md5;
  return payload;
}

void PutFlow::put(Result<Payload> payload) {
  if (!payload.ok()) {
    finish(to_store_error(std::move(payload.error())));
    return;
  }
  sent_ = {0, payload->size, payload->sha256};
  md5_ = payload->md5;
  Put operation;
  operation.key = request_.key;
  operation.payload = std::move(*payload);
  operation.media_type = request_.media_type;
  operation.headers = request_.headers;
  operation.if_match = request_.if_match;
  operation.if_absent = request_.if_absent;
  context_.store.submit(std::move(operation), [self = shared_from_this()](Outcome outcome) {
    self->on_put(std::move(outcome));
  });
}

void PutFlow::on_put(Outcome outcome) {
  requests_ += outcome.ok() ? outcome->requests : outcome.error().requests;
  if (open_ != nullptr) {
    // A file that changed explains both a digest that the store refused and an object that is a
    // mix.
    if (auto same = check_unchanged(*open_, *file()); !same.ok()) {
      finish(to_store_error(std::move(same.error())));
      return;
    }
  }
  if (!outcome.ok()) {
    // Refused as damaged on the way, and so every time: stored is nothing, whatever the condition.
    if (known() && outcome.error().transient && outcome.error().http_status == 400) {
      once_more();
    } else {
      finish(std::move(outcome.error()));
    }
    return;
  }
  prove({std::move(outcome->object), false, 0});
}

void PutFlow::prove(Stored stored) {
  Proof proof;
  proof.key = request_.key;
  proof.size = sent_.size;
  proof.etag = to_hex(md5_);
  proof.ranges = {sent_};
  confirm(context_,
          std::move(proof),
          std::move(stored),
          [self = shared_from_this()](StoredOutcome outcome) { self->end(std::move(outcome)); });
}

void PutFlow::put_parts() {
  if (file() != nullptr) {
    context_.pool.submit([self = shared_from_this()] {
      auto opened = open_source(*self->file());
      self->context_.loop.post([self, opened = std::move(opened)]() mutable {
        self->put_file_parts(std::move(opened));
      });
    });
    return;
  }
  PartsRequest parts;
  parts.source = [self = shared_from_this()](const PartRange& range,
                                             PartsRequest::PayloadCompletion done) {
    self->context_.pool.submit([self, range, done = std::move(done)]() mutable {
      auto payload = make_payload(self->bytes()->substr(static_cast<std::size_t>(range.offset),
                                                        static_cast<std::size_t>(range.size)));
      self->context_.loop.post([done = std::move(done), payload = std::move(payload)]() mutable {
        done(std::move(payload));
      });
    });
  };
  run_parts(std::move(parts));
}

void PutFlow::put_file_parts(Result<std::shared_ptr<const OpenFile>> opened) {
  if (!opened.ok()) {
    finish(to_store_error(std::move(opened.error())));
    return;
  }
  open_ = std::move(*opened);
  PartsRequest parts;
  // With the file by value: a part may still be hashed when another has ended all.
  parts.source = [self = shared_from_this(), open = open_](const PartRange& range,
                                                           PartsRequest::PayloadCompletion done) {
    self->context_.pool.submit([self, open, range, done = std::move(done)]() mutable {
      auto hashed =
          hash_range(open, self->file()->path, range.offset, range.size, self->context_.loop);
      self->context_.loop.post([done = std::move(done), hashed = std::move(hashed)]() mutable {
        if (hashed.ok()) {
          done(std::move(*hashed));
        } else {
          done(to_store_error(std::move(hashed.error())));
        }
      });
    });
  };
  parts.before_complete =
      [self = shared_from_this()](const std::function<void(Result<void, StoreError>)>& done) {
        auto same = check_unchanged(*self->open_, *self->file());
        if (same.ok()) {
          done({});
        } else {
          done(to_store_error(std::move(same.error())));
        }
      };
  run_parts(std::move(parts));
}

void PutFlow::run_parts(PartsRequest parts) {
  parts.key = request_.key;
  parts.size = size();
  parts.media_type = request_.media_type;
  parts.headers = request_.headers;
  parts.if_match = request_.if_match;
  parts.if_absent = request_.if_absent;
  upload_parts(context_, std::move(parts), [self = shared_from_this()](StoredOutcome outcome) {
    if (!outcome.ok()) {
      self->requests_ += outcome.error().requests;
      if (self->open_ != nullptr && outcome.error().code != Errc::cancelled) {
        if (auto same = check_unchanged(*self->open_, *self->file()); !same.ok()) {
          self->finish(to_store_error(std::move(same.error())));
          return;
        }
      }
    }
    self->end(std::move(outcome));
  });
}

// What was sent is not what is held: once more, unless a condition would now meet our own object.
void PutFlow::end(StoredOutcome outcome) {
  const bool conditional = request_.if_absent || !request_.if_match.empty();
  const bool is_mismatch = !outcome.ok() && outcome.error().transient &&
                           outcome.error().code == Errc::remote && outcome.error().http_status == 0;
  if (is_mismatch && !again_ && !conditional) {
    again_ = true;
    once_more();
    return;
  }
  finish(std::move(outcome));
}

// With digests of what is there now.
void PutFlow::once_more() {
  request_.digests.reset();
  let_go();
  run();
}

void PutFlow::let_go() {
  open_.reset();
  context_.files.release(std::exchange(charged_, 0));
}

void PutFlow::finish(StoredOutcome outcome) {
  let_go();
  if (outcome.ok()) {
    outcome->requests += requests_;
  } else {
    outcome.error().requests = std::max(outcome.error().requests, requests_);
  }
  std::exchange(done_, nullptr)(std::move(outcome));
}

}  // namespace

void put_object(const StoreContext& context, PutRequest request, StoredCompletion done) {
  auto flow = std::make_shared<PutFlow>(context, std::move(request), std::move(done));
  context.loop.post([flow] { flow->run(); });
}

}  // namespace deployflow::store
