// Runs a stage's stream of web requests: pulls them, keeps many in flight, hands each result back
// once.
//
// next() and done() run on the thread that called, as in Batch; results come from the loop through
// a queue. The engine is the batch's own: no connection and no setting of a target's is in it.

#pragma once

#include "plugins/host/run/stage_call.hpp"
#include "plugins/host/store/web_client.hpp"

#include <deployflow/stage.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

namespace deployflow::run {

class WebBatch {
 public:
  WebBatch(df_ctx& call, const df_web_batch& batch);

  /// Blocks until every request that was pulled is done. See df_web.batch.
  df_status run();

 private:
  struct Finished {
    std::uint64_t tag = 0;
    store::WebOutcome outcome;
  };

  df_status pull();
  Finished wait();
  void deliver(const Finished& finished);

  df_ctx& call_;
  const df_web_batch& batch_;
  std::size_t in_flight_ = 0;  // the caller's thread only

  std::mutex mutex_;  // guards finished_
  std::condition_variable wake_;
  std::deque<Finished> finished_;

  // The engine is destroyed before the client that it calls.
  std::optional<store::WebClient> client_;
  std::optional<store::HttpEngine> engine_;
};

/// The optional table DF_WEB.
const df_web& web_table();

}  // namespace deployflow::run
