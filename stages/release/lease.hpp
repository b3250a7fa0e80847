// The lock of a target: two deployments never interleave.
//
// ".deployflow/lock.json" is made by a conditional write, so one of two wins. It is a lease: a
// thread of its own renews it, and when that has failed for too long the holder itself stops
// writing before anyone else may begin (the fence). It ends when the holder lets go, when it is so
// long past its last heartbeat by the store's clock that the holder must have stopped, or when the
// holder's process is known to be dead.
//
// A store that ignores If-None-Match is found out by writing a second time under the same
// condition. Then the lock is only a sign: whoever comes later sees it and stays away, but two that
// come at the same moment do not see each other. That is said in a warning.

#pragma once

#include "stages/release/holder.hpp"
#include "stages/release/single.hpp"

#include <deployflow/stage.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace deployflow::release {

struct LeaseOptions {
  std::chrono::milliseconds wait{0};  // for another holder to let go
  std::chrono::seconds length{30};    // at least 3
};

/// acquire() and release() by one thread; is_held() by any.
class Lease {
 public:
  /// `stage`: prefix of the findings' codes.
  Lease(Ctx ctx,
        const Store& store,
        std::string target,
        std::string stage,
        const RunInfo& info,
        LeaseOptions options);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  /// Throws Failure (DF_CONFLICT, with a finding that names the holder) if another holds it to the
  /// end of the wait, Cancelled if interrupted.
  void acquire();
  /// May this run write now? Waits for the answer where a renewal was refused and it is being
  /// looked who holds the lock.
  [[nodiscard]] bool is_held() const;
  /// Renews now: is it still ours, by the store's word? Before what must not be done twice.
  bool confirm();
  /// Waits for the answer of the probe and says so if the store does not keep runs apart.
  void settle_probe();
  /// Let go, also after an interruption. What cannot be removed ends by itself.
  void release() noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  enum class Probe : std::uint8_t { open, keeps_apart, does_not };

  [[nodiscard]] std::string document() const;
  /// Try once. False: somebody else has it, who is in `other_`.
  bool try_once();
  bool try_put(If condition);
  void take(const Answer& written, Clock::time_point sent);
  void wait_a_little(Clock::time_point end);
  void beat();
  void probe();
  bool renew();
  void remove_as_it_is();

  Ctx ctx_;
  const Store& store_;
  std::string target_, stage_;
  LeaseOptions options_;
  Holder self_;
  Holder other_;
  std::int64_t other_ends_s_ = 0;  // from now, if nothing is heard of it

  mutable std::mutex mutex_;  // guards all below
  mutable std::condition_variable wake_;
  std::string etag_;
  Clock::time_point deadline_{};
  bool held_ = false, lost_ = false, ending_ = false, in_doubt_ = false, probe_cut_off_ = false;
  Probe probe_ = Probe::open;
  std::thread thread_;
};

}  // namespace deployflow::release
