#include "plugins/host/store/server_copy.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/part_size.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::size_t k_parts_at_once = 4;

// Of the key: Ceph 16 decodes the source of a part twice, and "100%" ends its gateway.
bool may_copy_parts(const ServerSide& from, const ObjectInfo& source) {
  return !from.habits->never_in_parts && source.size > k_single_put_bytes &&
         may_have_our_parts(source.etag, source.size) && from.key.find('%') == std::string::npos;
}

bool may_copy_whole(const ServerSide& from, const ObjectInfo& source) {
  return source.size <= k_single_put_bytes || !from.habits->only_in_parts;
}

// Will it be the same for the next object too?
bool is_for_good(const StoreError& error) {
  return !error.transient && error.code != Errc::cancelled && error.code != Errc::conflict &&
         error.code != Errc::network && error.code_text != "NoSuchKey" &&
         error.code_text != "NoSuchVersion";
}

class ServerCopy : public std::enable_shared_from_this<ServerCopy> {
 public:
  ServerCopy(const StoreContext& to, ServerCopyRequest request, StoredCompletion done)
      : to_(to), request_(std::move(request)), done_(std::move(done)) {}

  void run() {
    if (may_copy_whole(request_.from, request_.source)) {
      copy_whole();
    } else {
      begin_parts();
    }
  }

 private:
  template <class Method>
  Completion then(Method method) {
    return [self = shared_from_this(), method](Outcome outcome) {
      self->requests_ += outcome.ok() ? outcome->requests : outcome.error().requests;
      (self.get()->*method)(std::move(outcome));
    };
  }

  void copy_whole() {
    Copy copy;
    copy.from_bucket = request_.from.bucket;
    copy.from_key = request_.from.key;
    copy.from_version = request_.from.version;
    copy.key = request_.key;
    copy.if_match = request_.source.etag;
    copy.replace = {request_.media_type, request_.headers};
    to_.store.submit(std::move(copy), then(&ServerCopy::on_whole));
  }

  void on_whole(Outcome outcome) {
    const bool is_equal = outcome.ok() && outcome->object.etag == request_.source.etag;
    if (is_equal) {
      prove();
      return;
    }
    CopyHabits& habits = *request_.from.habits;
    const bool is_large = request_.source.size > k_single_put_bytes;
    if (outcome.ok() || is_for_good(outcome.error())) {
      (is_large ? habits.only_in_parts : habits.never) = true;
    }
    if (is_large && may_copy_parts(request_.from, request_.source) &&
        (outcome.ok() || is_for_good(outcome.error()))) {
      begin_parts();
    } else if (outcome.ok()) {
      fail(unproven());
    } else {
      fail(std::move(outcome.error()));
    }
  }

  void begin_parts() {
    to_.store.submit(CreateUpload{request_.key, request_.media_type, request_.headers},
                     then(&ServerCopy::on_begun));
  }

  void on_begun(Outcome outcome) {
    if (!outcome.ok()) {
      fail(std::move(outcome.error()));
      return;
    }
    upload_id_ = std::move(outcome->upload_id);
    parts_.resize(part_count(request_.source.size));
    pump();
  }

  void pump() {
    const std::uint64_t size = part_size(request_.source.size);
    while (!failure_ && running_ < k_parts_at_once && next_ < parts_.size()) {
      CopyPart part;
      part.key = request_.key;
      part.upload_id = upload_id_;
      part.number = static_cast<std::uint32_t>(next_ + 1);
      part.from_key = request_.from.key;
      part.from_bucket = request_.from.bucket;
      part.from_version = request_.from.version;
      part.offset = next_ * size;
      part.size = std::min(size, request_.source.size - part.offset);
      part.source_etag = request_.source.etag;
      ++next_;
      ++running_;
      to_.store.submit(std::move(part), then(&ServerCopy::on_part));
    }
  }

  void on_part(Outcome outcome) {
    --running_;
    if (outcome.ok()) {
      const std::uint32_t number = outcome->parts.front().number;
      parts_[number - 1] = std::move(outcome->parts.front());
    } else if (!failure_) {
      failure_ = std::move(outcome.error());
    }
    if (failure_ && running_ == 0) {
      request_.from.habits->never_in_parts =
          request_.from.habits->never_in_parts || is_for_good(*failure_);
      abort(std::move(*failure_));
    } else if (next_ == parts_.size() && running_ == 0) {
      to_.store.submit(CompleteUpload{request_.key, upload_id_, parts_, {}, false},
                       then(&ServerCopy::on_completed));
    } else {
      pump();
    }
  }

  void on_completed(Outcome outcome) {
    if (!outcome.ok()) {
      abort(std::move(outcome.error()));
      return;
    }
    prove();
  }

  // The answer to a copy says its ETag at most (Ceph 16 says none of an upload in parts).
  void prove() { to_.store.submit(Head{request_.key}, then(&ServerCopy::on_head)); }

  void on_head(Outcome outcome) {
    if (!outcome.ok()) {
      fail(std::move(outcome.error()));
      return;
    }
    Stored stored{std::move(outcome->object), true, requests_};
    if (stored.object.etag != request_.source.etag || stored.object.size != request_.source.size) {
      if (!upload_id_.empty()) {
        request_.from.habits->never_in_parts = true;
      }
      fail(unproven());
      return;
    }
    std::exchange(done_, nullptr)(std::move(stored));
  }

  void abort(StoreError error) {
    to_.store.submit(
        AbortUpload{request_.key, upload_id_},
        [self = shared_from_this(), error = std::move(error)](Outcome outcome) mutable {
          self->requests_ += outcome.ok() ? outcome->requests : outcome.error().requests;
          self->fail(std::move(error));
        });
  }

  [[nodiscard]] StoreError unproven() const {
    StoreError error;
    error.code = Errc::remote;
    error.message = fmt::format("{}: the store's copy has another ETag than its source",
                                printable(request_.key));
    return error;
  }

  void fail(StoreError error) {
    error.requests = requests_;
    std::exchange(done_, nullptr)(std::move(error));
  }

  StoreContext to_;
  ServerCopyRequest request_;
  StoredCompletion done_;
  std::string upload_id_;
  std::vector<UploadedPart> parts_;
  std::optional<StoreError> failure_;
  std::size_t next_ = 0;
  std::size_t running_ = 0;
  std::uint32_t requests_ = 0;
};

}  // namespace

bool may_copy(const ServerSide& from, const ObjectInfo& source) {
  return !from.habits->never && !source.etag.empty() &&
         (may_copy_whole(from, source) || may_copy_parts(from, source));
}

void server_copy(const StoreContext& to, ServerCopyRequest request, StoredCompletion done) {
  std::make_shared<ServerCopy>(to, std::move(request), std::move(done))->run();
}

}  // namespace deployflow::store
