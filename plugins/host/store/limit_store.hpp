// At most so many requests in flight at one endpoint: half as many when it asks for fewer, slowly
// more again when all goes well (AIMD, as TCP does it).

#pragma once

#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

namespace deployflow::store {

/// Shared by all stores of one endpoint. One thread: the loop's.
class ConcurrencyLimit {
 public:
  explicit ConcurrencyLimit(std::uint32_t most) : limit_(most), most_(most) {}

  /// Run `task` when there is room, perhaps at once; it ends with one release().
  /// `task` gets the epoch to hand to release().
  void acquire(std::function<void(std::uint64_t epoch)> task);

  enum class Verdict : std::uint8_t { good, throttled, other };
  void release(std::uint64_t epoch, Verdict verdict);

  [[nodiscard]] std::uint32_t limit() const { return limit_; }

 private:
  void serve();

  std::uint32_t limit_;
  std::uint32_t most_;
  std::uint32_t running_ = 0;
  std::uint32_t good_ = 0;  // successes since the limit last changed
  std::uint64_t epoch_ =
      0;  // of the limit: what was sent before the last halving does not halve again
  std::deque<std::function<void(std::uint64_t)>> waiting_;
};

class LimitStore final : public ObjectStore {
 public:
  /// `inner` and `loop` outlive it.
  LimitStore(ObjectStore& inner, Loop& loop, std::shared_ptr<ConcurrencyLimit> limit);

  void submit(Operation operation, Completion done) override;

 private:
  ObjectStore& inner_;
  Loop& loop_;
  std::shared_ptr<ConcurrencyLimit> limit_;
};

}  // namespace deployflow::store
