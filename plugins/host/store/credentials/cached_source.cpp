#include "plugins/host/store/credentials/cached_source.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::chrono::milliseconds k_advisory = std::chrono::minutes(15);
constexpr std::chrono::milliseconds k_mandatory = std::chrono::minutes(10);
constexpr std::chrono::milliseconds k_quiet = std::chrono::seconds(30);

std::string shown(std::chrono::sys_time<std::chrono::milliseconds> time) {
  return format_iso(std::chrono::floor<std::chrono::seconds>(time));
}

}  // namespace

CachedSource::CachedSource(std::unique_ptr<CredentialsProvider> provider,
                           const Clock& clock,
                           CredentialsThreads threads)
    : provider_(std::move(provider)), clock_(clock), threads_(std::move(threads)) {}

bool CachedSource::has_good_key(Time now) const {
  if (!cached_ || (cached_->expires && *cached_->expires <= now)) {
    return false;
  }
  const bool must_wait = mandatory_at_ && *mandatory_at_ <= now;
  return !must_wait || (quiet_until_ && now < *quiet_until_);
}

Result<void> CachedSource::prepare() {
  {
    const std::lock_guard lock(mutex_);
    if (loading_ || has_good_key(clock_.now())) {
      return {};
    }
    loading_ = true;
  }
  auto settled = std::make_shared<Settled>(settle(provider_->load()));
  if (!settled->waiting.empty()) {
    threads_.answer([settled] {
      for (const Done& done : settled->waiting) {
        done(settled->answer);
      }
    });
  }
  if (!settled->answer.ok()) {
    return settled->answer.error();
  }
  return {};
}

void CachedSource::get(std::function<void(Result<std::optional<Credentials>>)> done) {
  std::unique_lock lock(mutex_);
  const Time now = clock_.now();
  const bool is_quiet = quiet_until_ && now < *quiet_until_;
  if (has_good_key(now)) {
    const std::optional<Credentials> known = cached_;
    const bool must_load = advisory_at_ && *advisory_at_ <= now && !is_quiet && !loading_;
    loading_ = loading_ || must_load;
    lock.unlock();
    done(known);
    if (must_load) {
      load();
    }
    return;
  }
  if (same_again_ && is_quiet) {
    Error error = refused_again(now);
    lock.unlock();
    done(std::move(error));
    return;
  }
  waiting_.push_back(std::move(done));
  const bool must_load = !std::exchange(loading_, true);
  lock.unlock();
  if (must_load) {
    load();
  }
}

void CachedSource::load() {
  threads_.load([self = shared_from_this()] {
    auto settled = std::make_shared<Settled>(self->settle(self->provider_->load()));
    self->threads_.answer([settled] {
      for (const Done& done : settled->waiting) {
        done(settled->answer);
      }
    });
  });
}

// Completions run after it, outside the lock: one may ask again.
CachedSource::Settled CachedSource::settle(Result<Lookup> loaded) {
  const std::lock_guard lock(mutex_);
  loading_ = false;
  const Time now = clock_.now();
  std::vector<Done> waiting = std::exchange(waiting_, {});
  if (!loaded.ok()) {
    return {fall_back(std::move(loaded.error()), now), std::move(waiting)};
  }
  if (!loaded->credentials) {
    return {fall_back({Errc::auth, "no credentials: " + loaded->nothing}, now), std::move(waiting)};
  }
  return {keep(std::move(*loaded->credentials), now), std::move(waiting)};
}

CachedSource::Answer CachedSource::keep(Credentials loaded, Time now) {
  if (loaded.expires && *loaded.expires <= now) {
    return fall_back({Errc::auth,
                      fmt::format("credentials expired at {}, and {} has no newer ones",
                                  format_iso(*loaded.expires),
                                  loaded.source),
                      "get new ones and run the same command again"},
                     now);
  }
  if (refused_ && refused_->key_id == loaded.key_id &&
      refused_->session_token.reveal() == loaded.session_token.reveal()) {
    same_again_ = true;
    quiet_until_ = now + k_quiet;
    return refused_again(now);
  }
  same_again_ = false;
  refused_.reset();
  quiet_until_.reset();
  advisory_at_.reset();
  mandatory_at_.reset();
  if (loaded.expires) {
    const Time expires = *loaded.expires;
    advisory_at_ = expires - std::min(k_advisory, (expires - now) / 4);
    mandatory_at_ = expires - std::min(k_mandatory, (expires - now) / 6);
  }
  cached_ = std::move(loaded);
  return cached_;
}

CachedSource::Answer CachedSource::fall_back(Error error, Time now) {
  if (error.code == Errc::cancelled) {
    return error;
  }
  const bool is_good = cached_ && (!cached_->expires || now < *cached_->expires);
  if (is_good) {
    quiet_until_ = now + k_quiet;
    return cached_;
  }
  if (const std::optional<Credentials>& old = refused_ ? refused_ : cached_) {
    error.message = fmt::format("credentials expired at {}; new ones: {}",
                                shown(old->expires ? Time(*old->expires) : now),
                                error.message);
  }
  return error;
}

Error CachedSource::refused_again(Time now) const {
  return {Errc::auth,
          fmt::format("credentials expired at {}: the store refused those of {}, and there are no "
                      "newer ones",
                      shown(refused_->expires ? std::min(Time(*refused_->expires), now) : now),
                      refused_->source),
          "get new ones and run the same command again"};
}

void CachedSource::refused(const std::string& key_id) {
  const std::lock_guard lock(mutex_);
  if (cached_ && cached_->key_id == key_id) {
    refused_ = std::exchange(cached_, std::nullopt);
    quiet_until_.reset();
  }
}

}  // namespace deployflow::store
