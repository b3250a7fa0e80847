// Repeats what may succeed later, as the AWS SDKs' standard mode does it: full jitter, and a quota
// that keeps a store in trouble from being asked ever more.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
// A lost answer is resolved and not guessed: a conditional put that meets its own first try is a
// success.

#pragma once

#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace deployflow::store {

/// Tokens that retries cost; shared by all stores of one endpoint. One thread: the loop's.
class RetryQuota {
 public:
  explicit RetryQuota(std::uint32_t tokens = 500) : tokens_(tokens), full_(tokens) {}
  bool take(std::uint32_t cost);
  void give(std::uint32_t tokens);
  [[nodiscard]] std::uint32_t tokens() const { return tokens_; }

 private:
  std::uint32_t tokens_;
  std::uint32_t full_;
};

struct RetryOptions {
  std::uint32_t attempts = 5;      // in all; at least 1
  std::function<double()> random;  // in [0, 1); null = a generator of our own
};

class RetryStore final : public ObjectStore {
 public:
  /// `inner` and `loop` outlive it.
  RetryStore(ObjectStore& inner,
             Loop& loop,
             std::shared_ptr<RetryQuota> quota,
             RetryOptions options);

  void submit(Operation operation, Completion done) override;

 private:
  struct Call;
  using CallPtr = std::shared_ptr<Call>;

  void attempt(const CallPtr& call);
  void on_outcome(const CallPtr& call, Outcome outcome);
  bool may_repeat(const CallPtr& call, const StoreError& error);
  void wait_and_repeat(const CallPtr& call, const StoreError& error);
  void settle_conflict(const CallPtr& call, StoreError error);
  void settle_by_bytes(const CallPtr& call, ObjectInfo found, StoreError error);
  static void succeed(const CallPtr& call, ObjectInfo object);

  ObjectStore& inner_;
  Loop& loop_;
  std::shared_ptr<RetryQuota> quota_;
  RetryOptions options_;
};

}  // namespace deployflow::store
