// Where stores lack an operation, or mean something else by their answer: what else the S3 client
// does.

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/s3_call.hpp"
#include "plugins/host/store/s3_errors.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::size_t k_single_deletes_at_once = 8;

// Deletes keys one by one, a few at a time, and gathers their failures. Keeps itself alive.
class SingleDeletes : public std::enable_shared_from_this<SingleDeletes> {
 public:
  SingleDeletes(ObjectStore& store, std::vector<std::string> keys, Completion done)
      : store_(store), keys_(std::move(keys)), done_(std::move(done)) {
    reply_.requests = 0;
  }

  void run() {
    while (next_ < keys_.size() && running_ < k_single_deletes_at_once) {
      ++running_;
      const std::size_t index = next_++;
      store_.submit(Delete{keys_[index], {}}, [self = shared_from_this(), index](Outcome outcome) {
        self->on_deleted(index, std::move(outcome));
      });
    }
    if (running_ == 0) {
      std::exchange(done_, nullptr)(std::move(reply_));
    }
  }

 private:
  void on_deleted(std::size_t index, Outcome outcome) {
    --running_;
    reply_.requests += outcome.ok() ? outcome->requests : outcome.error().requests;
    if (!outcome.ok()) {
      const StoreError& error = outcome.error();
      reply_.failures.push_back({keys_[index], error.code_text, error.message});
    }
    run();
  }

  ObjectStore& store_;
  std::vector<std::string> keys_;
  Completion done_;
  Reply reply_;
  std::size_t next_ = 0;
  std::size_t running_ = 0;
};

bool is_a_version(const ObjectInfo& object) {
  return std::any_of(object.headers.begin(), object.headers.end(), [](const Header& header) {
    return header.first == "x-amz-version-id";
  });
}

}  // namespace

std::string_view demanded_etag(const Operation& operation) {
  return std::visit(
      []<class T>(const T& op) -> std::string_view {
        constexpr bool is_read = std::is_same_v<T, Get> || std::is_same_v<T, Copy>;
        if constexpr (requires { op.if_match; } && !is_read) {
          return op.if_match;
        } else {
          return {};
        }
      },
      operation);
}

void S3Store::delete_one_by_one(const CallPtr& call) {
  auto& keys = std::get<DeleteMany>(call->operation).keys;
  auto deletes =
      std::make_shared<SingleDeletes>(*this, std::move(keys), [this, call](Outcome outcome) {
        call->requests += outcome->requests;
        finish(call, std::move(outcome));
      });
  engine_.post([deletes] { deletes->run(); });
}

// Jetty, and so S3Proxy, makes "text/html;charset=utf-8" of "text/html; charset=utf-8" before it
// checks the signature. S3 does not demand that this header is signed.
bool S3Store::try_unsigned_media_type(const CallPtr& call, std::string_view code) {
  if (code != "SignatureDoesNotMatch") {
    return false;
  }
  const bool again = call->signed_media_type && !call->tried_unsigned;
  call->tried_unsigned = true;
  // Refused without it as well: it was not that.
  wire_.signed_media_type = !again && options_.wire.signed_media_type;
  return again;
}

// An operation of our own beside the caller's; its requests count for the caller's.
void S3Store::ask(const CallPtr& call, Operation question, Completion answer) {
  submit(std::move(question), [call, answer = std::move(answer)](Outcome outcome) {
    call->requests += outcome.ok() ? outcome->requests : outcome.error().requests;
    answer(std::move(outcome));
  });
}

// Ceph 16 ignores x-amz-copy-source-if-match, so the source is looked at before as well.
void S3Store::copy_if_source_matches(const CallPtr& call) {
  call->looked_closer = true;
  const auto& asked = std::get<Copy>(call->operation);
  ask(call, Head{asked.from_key, asked.from_version}, [this, call](Outcome outcome) {
    const auto& copy = std::get<Copy>(call->operation);
    if (!outcome.ok()) {
      finish(call, std::move(outcome));
    } else if (outcome->object.etag != copy.if_match) {
      StoreError error = local_error(
          call->operation,
          {Errc::conflict, fmt::format("the source has the ETag {} now", outcome->object.etag)});
      error.http_status = 412;
      finish(call, std::move(error));
    } else {
      begin(call);
    }
  });
}

// Nobody can do both at once where each demand is refused; a moment passes in between.
void S3Store::write_if_etag_matches(const CallPtr& call) {
  call->looked_closer = true;
  ask(call, Head{std::string(operation_key(call->operation))}, [this, call](Outcome outcome) {
    const bool is_gone = !outcome.ok() && outcome.error().code == Errc::not_found;
    const bool may_be_gone = std::holds_alternative<Delete>(call->operation);
    if (!outcome.ok() && !is_gone) {
      finish(call, std::move(outcome));
    } else if (is_gone ? may_be_gone : outcome->object.etag == demanded_etag(call->operation)) {
      begin(call);
    } else {
      StoreError error = local_error(
          call->operation,
          {Errc::conflict,
           is_gone ? "it is gone"
                   : fmt::format("it has the ETag {} now", printable(outcome->object.etag))});
      error.http_status = 412;
      finish(call, std::move(error));
    }
  });
}

// Does the refusal mean what it says? If it may not, the call goes on from here.
bool S3Store::look_closer(const CallPtr& call, const StoreError& error) {
  if (error.http_status == 412 && call->has_demanded) {
    look_at_etag(call, error);  // each time it leads to another way to demand it, or to the end
    return true;
  }
  if (call->looked_closer) {
    return false;
  }
  if (error.transient && std::holds_alternative<CompleteUpload>(call->operation)) {
    look_at_upload(call, error);
    return true;
  }
  return false;
}

// Ceph compares an ETag that a write demands with its quotes on: then it never matches. And Ceph 16
// compares it, in a bucket that keeps versions, with the version that is about to be made, which
// has none: no demand is ever met.
void S3Store::look_at_etag(const CallPtr& call, StoreError error) {
  call->looked_closer = true;
  ask(call,
      Head{std::string(operation_key(call->operation))},
      [this, call, error = std::move(error)](Outcome outcome) {
        const bool is_there =
            outcome.ok() && outcome->object.etag == demanded_etag(call->operation);
        if (is_there && call->demanded == IfMatch::quoted) {
          wire_.if_match = IfMatch::bare;
          begin(call);
        } else if (is_there && is_a_version(outcome->object)) {
          looks_at_etags_ = true;
          begin(call);
        } else {
          finish(call, error);
        }
      });
}

// Ceph 16 answers InternalError to the completion of an upload that is gone, which no retry would
// cure.
void S3Store::look_at_upload(const CallPtr& call, StoreError error) {
  call->looked_closer = true;
  const auto& complete = std::get<CompleteUpload>(call->operation);
  ask(call,
      ListParts{complete.key, complete.upload_id, 0},
      [this, call, error = std::move(error)](Outcome outcome) {
        if (!outcome.ok() && outcome.error().code_text == "NoSuchUpload") {
          StoreError gone = std::move(outcome.error());
          gone.message = describe_operation(call->operation) + ": 404 NoSuchUpload";
          finish(call, std::move(gone));
        } else {
          finish(call, error);
        }
      });
}

}  // namespace deployflow::store
