#include "plugins/host/store/retry_store.hpp"

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/store/s3_errors.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <random>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::uint32_t k_retry_cost = 5;
constexpr std::uint32_t k_no_answer_cost = 10;
constexpr std::chrono::milliseconds k_longest_delay{20'000};
constexpr std::chrono::milliseconds k_longest_wish{60'000};  // of a Retry-After

double own_random() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace

bool RetryQuota::take(std::uint32_t cost) {
  if (tokens_ < cost) {
    return false;
  }
  tokens_ -= cost;
  return true;
}

void RetryQuota::give(std::uint32_t tokens) {
  tokens_ = std::min(full_, tokens_ + tokens);
}

struct RetryStore::Call {
  Operation operation;
  Completion done;
  std::uint32_t attempts = 0;
  std::uint32_t requests = 0;
  std::uint32_t paid = 0;      // for the last retry; given back when it succeeds
  std::uint64_t received = 0;  // bytes that the sink of a Get has had
};

RetryStore::RetryStore(ObjectStore& inner,
                       Loop& loop,
                       std::shared_ptr<RetryQuota> quota,
                       RetryOptions options)
    : inner_(inner), loop_(loop), quota_(std::move(quota)), options_(std::move(options)) {
  if (!options_.random) {
    options_.random = own_random;
  }
}

void RetryStore::submit(Operation operation, Completion done) {
  auto call = std::make_shared<Call>();
  call->operation = std::move(operation);
  call->done = std::move(done);
  attempt(call);
}

void RetryStore::attempt(const CallPtr& call) {
  ++call->attempts;
  Operation operation = call->operation;
  if (auto* get = std::get_if<Get>(&operation); get != nullptr && get->sink) {
    get->offset += call->received;
    if (get->count) {
      *get->count -= call->received;
    }
    get->sink = [call, sink = std::move(get->sink)](std::string_view bytes) {
      call->received += bytes.size();
      return sink(bytes);
    };
  }
  inner_.submit(std::move(operation),
                [this, call](Outcome outcome) { on_outcome(call, std::move(outcome)); });
}

void RetryStore::on_outcome(const CallPtr& call, Outcome outcome) {
  call->requests += outcome.ok() ? outcome->requests : outcome.error().requests;
  if (outcome.ok()) {
    quota_->give(std::max(1U, call->paid));
    outcome->requests = call->requests;
    call->done(std::move(outcome));
    return;
  }
  StoreError& error = outcome.error();
  error.requests = call->requests;
  if (may_repeat(call, error)) {
    wait_and_repeat(call, error);
    return;
  }
  const auto* put = std::get_if<Put>(&call->operation);
  if (error.code == Errc::conflict && call->requests > 1 && put != nullptr) {
    settle_conflict(call, std::move(error));
    return;
  }
  if (call->attempts > 1) {
    error.message += fmt::format(" (after {} attempts)", call->attempts);
  }
  call->done(std::move(outcome));
}

bool RetryStore::may_repeat(const CallPtr& call, const StoreError& error) {
  const std::uint32_t most = error.once_more ? 2 : options_.attempts;
  if (!error.transient || loop_.cancelled() ||
      call->attempts >= std::min(most, options_.attempts)) {
    return false;
  }
  if (auto* get = std::get_if<Get>(&call->operation); get != nullptr && call->received > 0) {
    // The rest must be of the same object. Without an ETag nobody can tell; with all bytes here,
    // there is no rest.
    if (get->if_match.empty()) {
      get->if_match = error.etag;
    }
    if (get->if_match.empty() || (get->count && call->received >= *get->count)) {
      return false;
    }
  }
  const std::uint32_t cost = error.http_status == 0 ? k_no_answer_cost : k_retry_cost;
  if (!quota_->take(cost)) {
    return false;
  }
  call->paid = cost;
  return true;
}

void RetryStore::wait_and_repeat(const CallPtr& call, const StoreError& error) {
  const std::uint32_t doublings = std::min(call->attempts - 1, 10U);
  const auto ceiling = std::min(k_longest_delay, std::chrono::milliseconds(1000U << doublings));
  auto delay = std::chrono::milliseconds(
      static_cast<std::int64_t>(options_.random() * static_cast<double>(ceiling.count())));
  if (error.retry_after) {
    delay = std::max(delay, std::min(*error.retry_after, k_longest_wish));
  }
  loop_.after(delay, [this, call] {
    if (loop_.cancelled()) {
      StoreError stopped = local_error(call->operation, cancelled_error());
      stopped.requests = call->requests;
      call->done(std::move(stopped));
      return;
    }
    attempt(call);
  });
}

// Did our own first try win, and only its answer get lost?
void RetryStore::settle_conflict(const CallPtr& call, StoreError error) {
  const auto& put = std::get<Put>(call->operation);
  inner_.submit(Head{put.key}, [this, call, error = std::move(error)](Outcome outcome) mutable {
    const auto& tried = std::get<Put>(call->operation);
    call->requests += outcome.ok() ? outcome->requests : outcome.error().requests;
    error.requests = call->requests;
    if (!outcome.ok() || outcome->object.size != tried.payload.size) {
      call->done(std::move(error));
    } else if (outcome->object.etag == to_hex(tried.payload.md5) || tried.payload.size == 0) {
      succeed(call, std::move(outcome->object));
    } else {
      settle_by_bytes(call, std::move(outcome->object), std::move(error));
    }
  });
}

// The ETag is not what S3's rules make of our bytes. Some stores make it up.
void RetryStore::settle_by_bytes(const CallPtr& call, ObjectInfo found, StoreError error) {
  auto digest = std::make_shared<StreamDigest>();
  Get get;
  get.key = std::get<Put>(call->operation).key;
  get.if_match = found.etag;
  get.sink = [digest](std::string_view bytes) -> Result<void> {
    digest->update(bytes);
    return {};
  };
  inner_.submit(
      std::move(get),
      [call, digest, found = std::move(found), error = std::move(error)](Outcome outcome) mutable {
        call->requests += outcome.ok() ? outcome->requests : outcome.error().requests;
        const auto& tried = std::get<Put>(call->operation);
        if (outcome.ok() && digest->finish_sha256() == tried.payload.sha256) {
          succeed(call, std::move(found));
          return;
        }
        error.requests = call->requests;
        call->done(std::move(error));
      });
}

void RetryStore::succeed(const CallPtr& call, ObjectInfo object) {
  Reply reply;
  reply.object = std::move(object);
  reply.requests = call->requests;
  call->done(std::move(reply));
}

}  // namespace deployflow::store
