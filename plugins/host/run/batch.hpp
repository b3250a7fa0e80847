// Runs a stage's stream of operations: pulls them, keeps hundreds in flight, hands each result back
// once.
//
// next(), done() and a GET's sink run on the thread that called batch(), so a stage needs no locks;
// completions come from the loop through a queue.

#pragma once

#include "plugins/host/run/stage_call.hpp"
#include "plugins/host/store/put_object.hpp"

#include <deployflow/stage.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace deployflow::run {

class Batch {
 public:
  Batch(df_ctx& call, const df_batch& batch)
      : Batch(call, batch, call.run().targets, call.run().stop) {}
  /// Over other stores, which another token stops: what is done after the run was interrupted.
  Batch(df_ctx& call, const df_batch& batch, TargetBook& targets, StopToken stop)
      : call_(call), batch_(batch), targets_(targets), stop_(std::move(stop)) {}

  /// Blocks until every operation that was pulled is done. See df_objectstore.batch.
  df_status run();

 private:
  struct Pending;  // one operation in flight

  df_status pull();
  void start(const df_op& op);
  void submit(const std::shared_ptr<Pending>& pending);
  void start_put(const std::shared_ptr<Pending>& pending,
                 store::TargetStore& target,
                 const df_op& op);
  void start_copy(const std::shared_ptr<Pending>& pending, const df_op& op);
  void start_transfer(const std::shared_ptr<Pending>& pending,
                      store::TargetStore& target,
                      const df_op& op);
  void start_dry_transfer(const std::shared_ptr<Pending>& pending, const df_op& op);
  void start_simple(const std::shared_ptr<Pending>& pending, store::Operation operation);
  void finish(const std::shared_ptr<Pending>& pending, store::StoredOutcome outcome);
  void fail(const std::shared_ptr<Pending>& pending, Error error);
  bool go_on_reading(const std::shared_ptr<Pending>& pending);
  void deliver(Pending& pending);
  std::shared_ptr<Pending> wait();

  df_ctx& call_;
  const df_batch& batch_;
  TargetBook& targets_;
  StopToken stop_;
  std::size_t in_flight_ = 0;  // the caller's thread only
  bool has_begun_ = false;     // to write what is the site's

  std::mutex mutex_;  // guards finished_
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Pending>> finished_;
};

}  // namespace deployflow::run
