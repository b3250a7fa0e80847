#include "stages/release/lease.hpp"

#include "stages/release/manifest.hpp"

#include <algorithm>
#include <utility>

namespace deployflow::release {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t k_largest_lock = 64U << 10;
// Between the end of the holder's own writing and the first moment when another may take over:
// for clocks that tick unevenly and requests that are on their way.
constexpr auto k_margin = 2s;
constexpr auto k_on_its_way = 200ms;  // a request that was cut off may still arrive so late

bool is_refused(const Answer& answer) {
  return answer.status == DF_CONFLICT;
}

/// S3's own word for a feature that a store has not.
bool is_unsupported(const Answer& answer) {
  return answer.status == DF_UNSUPPORTED || answer.http_status == 501 ||
         answer.error_code == "NotImplemented";
}

std::int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Lease::Lease(Ctx ctx,
             const Store& store,
             std::string target,
             std::string stage,
             const RunInfo& info,
             LeaseOptions options)
    : ctx_(ctx),
      store_(store),
      target_(std::move(target)),
      stage_(std::move(stage)),
      options_(options),
      self_(this_process()) {
  // Two stages of a run may have the same target, one after the other.
  self_.run = sv(info.run_id);
  self_.user = sv(info.user);
  self_.host = sv(info.host);
  self_.job = sv(info.job_url);
  self_.since_s = now_s();
  self_.ttl_s = static_cast<std::uint64_t>(options_.length.count());
}

Lease::~Lease() {
  release();
}

std::string Lease::document() const {
  Holder holder = self_;
  holder.until_s = now_s() + options_.length.count();
  return write_holder(holder);
}

void Lease::acquire() {
  const Clock::time_point end = Clock::now() + options_.wait;
  bool has_said = false;
  constexpr int k_most_surprises = 20;
  int surprises = 0;
  while (!try_once()) {
    if (other_.run.empty() && ++surprises < k_most_surprises) {
      continue;  // whoever was faster has let go already
    }
    const std::string who = other_.run.empty() ? "another run" : describe(other_);
    if (Clock::now() >= end) {
      ctx_.error(stage_ + "/locked", target_ + " is locked by " + who)
          .hint(options_.wait.count() > 0
                    ? "`deployflow unlock` shows the lock and removes it, if that run is gone"
                    : "wait for it with --wait 5m; `deployflow unlock` shows the lock and removes "
                      "it, if that run is gone");
      throw Failure{DF_CONFLICT, ""};
    }
    if (!std::exchange(has_said, true)) {
      ctx_.log(DF_WARN, target_ + " is locked by " + who + ": waiting for it");
    }
    wait_a_little(end);
  }
  thread_ = std::thread([this] { beat(); });
}

// Reading first shows the lock of another also where the store ignores conditions.
bool Lease::try_once() {
  const Answer seen = get(store_, target_, k_lock_key, k_largest_lock);
  if (seen.status == DF_NOT_FOUND) {
    return try_put({.absent = true});
  }
  if (seen.status != DF_OK) {
    report(ctx_, stage_, target_ + ": the lock cannot be read", seen);
    throw Failure{seen.status, ""};
  }
  const auto holder = read_holder(seen.body);
  other_ = holder.value_or(Holder{});
  const std::int64_t now = seen.answered_s != 0 ? seen.answered_s : now_s();
  const std::int64_t age = now - (seen.modified_s != 0 ? seen.modified_s : other_.since_s);
  const std::int64_t length =
      (holder ? static_cast<std::int64_t>(other_.ttl_s) : options_.length.count()) +
      std::chrono::seconds(k_margin).count();
  const bool is_own = holder && other_.run == self_.run && other_.pid == self_.pid &&
                      other_.pid_started == self_.pid_started && other_.machine == self_.machine;
  // One that says neither whose nor how old it is may be anybody's, and may be a moment old.
  const bool is_over = age > length && (seen.modified_s != 0 || holder);
  if (is_own || is_over || (holder && is_dead(other_))) {
    if (!is_own) {
      ctx_.log(DF_WARN,
               target_ + ": taking over the lock of " +
                   (holder ? describe(other_) : std::string("another run")) +
                   ", which ended without letting go");
    }
    return try_put({.match = seen.etag});
  }
  other_ends_s_ = length - age;
  return false;
}

bool Lease::try_put(If condition) {
  const Clock::time_point sent = Clock::now();
  Answer put;
  try {
    put = put_json(store_, target_, k_lock_key, document(), condition);
  } catch (const Cancelled&) {
    std::this_thread::sleep_for(k_on_its_way);
    remove_as_it_is();
    throw;
  }
  if (is_unsupported(put)) {
    put = put_json(store_, target_, k_lock_key, document(), {});
    const std::lock_guard lock(mutex_);
    probe_ = Probe::does_not;
  }
  if (put.status == DF_OK) {
    take(put, sent);
    return true;
  }
  if (!is_refused(put)) {
    report(ctx_, stage_, target_ + ": the lock cannot be written", put);
    throw Failure{put.status, ""};
  }
  // Somebody was faster, or an answer to our own write was lost and it was sent once more.
  const Answer seen = get(store_, target_, k_lock_key, k_largest_lock);
  const auto holder = seen.status == DF_OK ? read_holder(seen.body) : std::nullopt;
  if (holder && holder->run == self_.run && holder->pid == self_.pid &&
      holder->pid_started == self_.pid_started) {
    take(seen, sent);
    return true;
  }
  other_ = holder.value_or(Holder{});
  return false;
}

void Lease::take(const Answer& written, Clock::time_point sent) {
  const std::lock_guard lock(mutex_);
  etag_ = written.etag;
  deadline_ = sent + options_.length;
  held_ = true;
  in_doubt_ = false;
  wake_.notify_all();
}

void Lease::wait_a_little(Clock::time_point end) {
  // Looked at often at first: most deployments take seconds.
  const Clock::time_point until = std::min(end, Clock::now() + 500ms);
  while (Clock::now() < until) {
    ctx_.check();
    std::this_thread::sleep_for(std::min<Clock::duration>(50ms, until - Clock::now()));
  }
}

bool Lease::is_held() const {
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, deadline_, [this] { return !in_doubt_ || lost_; });
  return held_ && !lost_ && Clock::now() < deadline_;
}

void Lease::settle_probe() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return probe_ != Probe::open || lost_; });
  if (probe_ == Probe::does_not) {
    ctx_.warning(stage_ + "/no-lock",
                 target_ +
                     ": this store ignores conditional writes, so two deployments that begin "
                     "at the same moment are not kept apart")
        .hint("let only one job at a time deploy to it");
  }
}

void Lease::probe() {
  {
    const std::lock_guard lock(mutex_);
    if (probe_ != Probe::open) {
      return;
    }
  }
  Answer again;
  try {
    again = put_json(store_, target_, k_lock_key, document(), {.absent = true});
  } catch (const Cancelled&) {
    again.status = DF_CANCELLED;
  }
  const std::lock_guard lock(mutex_);
  probe_cut_off_ = again.status == DF_CANCELLED;
  // An error tells nothing of the store: it is then believed, and the fence still holds.
  probe_ = again.status == DF_OK ? Probe::does_not : Probe::keeps_apart;
  if (again.status == DF_OK) {
    etag_ = again.etag;
  }
  wake_.notify_all();
}

// The thread of the heartbeat: renews at every third of the lease, and sooner when that failed.
void Lease::beat() {
  try {
    probe();
    auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(options_.length) / 3;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        if (wake_.wait_for(lock, pause, [this] { return ending_; })) {
          return;
        }
      }
      const bool is_good = renew();
      pause = is_good ? std::chrono::duration_cast<std::chrono::milliseconds>(options_.length) / 3
                      : std::chrono::milliseconds(500);
      const std::lock_guard lock(mutex_);
      in_doubt_ = false;
      wake_.notify_all();
      if (lost_) {
        return;
      }
    }
  } catch (...) {  // Cancelled, or out of memory: the lease runs out by itself
    const std::lock_guard lock(mutex_);
    probe_ = probe_ == Probe::open ? Probe::keeps_apart : probe_;
    in_doubt_ = false;
    wake_.notify_all();
  }
}

bool Lease::confirm() {
  const bool is_good = renew();
  const std::lock_guard lock(mutex_);
  in_doubt_ = false;
  wake_.notify_all();
  return is_good && !lost_;
}

bool Lease::renew() {
  std::string etag;
  bool is_plain = false;
  {
    const std::lock_guard lock(mutex_);
    etag = etag_;
    is_plain = probe_ == Probe::does_not;
  }
  const Clock::time_point sent = Clock::now();
  if (!is_plain) {
    const Answer put = put_json(store_, target_, k_lock_key, document(), {.match = etag});
    if (put.status == DF_OK) {
      take(put, sent);
      return true;
    }
    if (put.status != DF_CONFLICT && put.status != DF_NOT_FOUND) {
      return false;
    }
  }
  // Refused: taken over, removed by `unlock`, or our own write under way twice.
  {
    const std::lock_guard lock(mutex_);
    in_doubt_ = !is_plain;
  }
  const Answer seen = get(store_, target_, k_lock_key, k_largest_lock);
  const auto holder = seen.status == DF_OK ? read_holder(seen.body) : std::nullopt;
  if (seen.status != DF_OK && seen.status != DF_NOT_FOUND) {
    return false;
  }
  if (!holder || holder->run != self_.run || holder->pid != self_.pid) {
    const std::lock_guard lock(mutex_);
    lost_ = true;
    wake_.notify_all();
    return false;
  }
  if (!is_plain) {
    take(seen, sent);
    return true;
  }
  const Answer put = put_json(store_, target_, k_lock_key, document(), {});
  if (put.status == DF_OK) {
    take(put, sent);
  }
  return put.status == DF_OK;
}

// Written by a request that was cut off, perhaps: then it has an ETag that nobody told us.
void Lease::remove_as_it_is() {
  const Answer seen = get(store_, target_, k_lock_key, k_largest_lock, DF_BATCH_FAREWELL);
  const auto holder = seen.status == DF_OK ? read_holder(seen.body) : std::nullopt;
  if (holder && holder->run == self_.run && holder->pid == self_.pid) {
    remove(store_, target_, k_lock_key, seen.etag, DF_BATCH_FAREWELL);
  }
}

void Lease::release() noexcept {
  bool is_ours = false;
  std::string etag;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
  {
    const std::lock_guard lock(mutex_);
    is_ours = std::exchange(held_, false) && !lost_ && Clock::now() < deadline_;
    etag = etag_;
  }
  if (is_ours && probe_cut_off_) {
    // The probe may still be on its way. Where it meets the lock it is refused; where the lock is
    // gone already it would make it anew, with nobody to remove it.
    std::this_thread::sleep_for(k_on_its_way);
  }
  if (!is_ours) {
    return;
  }
  try {
    const Answer gone = remove(store_, target_, k_lock_key, etag, DF_BATCH_FAREWELL);
    if (gone.status == DF_CONFLICT) {
      remove_as_it_is();
    }
    const bool is_settled =
        gone.status == DF_OK || gone.status == DF_CONFLICT || gone.status == DF_NOT_FOUND;
    if (!is_settled) {
      remove(store_, target_, k_lock_key, {}, DF_BATCH_FAREWELL);  // a store without this condition
    }
  } catch (...) {  // it ends by itself
    return;
  }
}

}  // namespace deployflow::release
