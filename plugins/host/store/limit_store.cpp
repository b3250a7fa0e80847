#include "plugins/host/store/limit_store.hpp"

#include <algorithm>
#include <utility>

namespace deployflow::store {

void ConcurrencyLimit::acquire(std::function<void(std::uint64_t)> task) {
  waiting_.push_back(std::move(task));
  serve();
}

void ConcurrencyLimit::release(std::uint64_t epoch, Verdict verdict) {
  --running_;
  if (verdict == Verdict::throttled && epoch == epoch_) {
    limit_ = std::max(1U, limit_ / 2);
    good_ = 0;
    ++epoch_;
  } else if (verdict == Verdict::good && limit_ < most_ && ++good_ >= limit_) {
    ++limit_;
    good_ = 0;
  }
  serve();
}

void ConcurrencyLimit::serve() {
  while (!waiting_.empty() && running_ < limit_) {
    auto task = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    task(epoch_);
  }
}

LimitStore::LimitStore(ObjectStore& inner, Loop& loop, std::shared_ptr<ConcurrencyLimit> limit)
    : inner_(inner), loop_(loop), limit_(std::move(limit)) {}

void LimitStore::submit(Operation operation, Completion done) {
  struct Waiting {
    Operation operation;
    Completion done;
  };
  auto waiting = std::make_shared<Waiting>(Waiting{std::move(operation), std::move(done)});
  loop_.post([this, waiting] {
    limit_->acquire([this, waiting](std::uint64_t epoch) {
      inner_.submit(std::move(waiting->operation), [this, waiting, epoch](Outcome outcome) {
        using Verdict = ConcurrencyLimit::Verdict;
        const bool throttled = !outcome.ok() && outcome.error().throttled;
        const Verdict verdict = outcome.ok() ? Verdict::good
                                : throttled  ? Verdict::throttled
                                             : Verdict::other;
        // Room first: what the completion submits queues behind those that wait.
        limit_->release(epoch, verdict);
        waiting->done(std::move(outcome));
      });
    });
  });
}

}  // namespace deployflow::store
