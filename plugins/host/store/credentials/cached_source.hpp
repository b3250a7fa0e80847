// A provider's answer, kept until shortly before it expires and asked for by many requests at once.

#pragma once

#include "plugins/host/base/time.hpp"
#include "plugins/host/store/credentials/provider.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace deployflow::store {

/// Where a provider's load() runs and where its answer is handed out. The default is at once, on
/// the caller's thread. A run has the ThreadPool and the Loop: a provider may wait for a network.
struct CredentialsThreads {
  using Run = std::function<void(std::function<void()>)>;
  Run load = [](const std::function<void()>& task) { task(); };
  Run answer = [](const std::function<void()>& task) { task(); };
};

/// Asks `provider` once for all who wait. As botocore: from 15 min before a key expires a new one
/// is fetched while the old one is handed out; from 10 min before, requests wait for the new one.
/// For keys that live less than an hour, from a quarter and a sixth of their life. If fetching
/// fails while the old key is good, it is handed out, and the provider is left alone for half a
/// minute. Thread-safe.
class CachedSource final : public CredentialsSource,
                           public std::enable_shared_from_this<CachedSource> {
 public:
  /// `clock` must outlive the source.
  CachedSource(std::unique_ptr<CredentialsProvider> provider,
               const Clock& clock,
               CredentialsThreads threads = {});

  Result<void> prepare() override;
  void get(std::function<void(Result<std::optional<Credentials>>)> done) override;
  /// If the provider then has the same key again, that is an Error ("credentials expired at ...").
  void refused(const std::string& key_id) override;

 private:
  using Time = std::chrono::sys_time<std::chrono::milliseconds>;
  using Answer = Result<std::optional<Credentials>>;
  using Done = std::function<void(Answer)>;
  struct Settled {
    Answer answer;
    std::vector<Done> waiting;
  };

  [[nodiscard]] bool has_good_key(Time now) const;
  void load();
  Settled settle(Result<Lookup> loaded);
  Answer keep(Credentials loaded, Time now);
  Answer fall_back(Error error, Time now);
  [[nodiscard]] Error refused_again(Time now) const;

  std::unique_ptr<CredentialsProvider> provider_;
  const Clock& clock_;
  CredentialsThreads threads_;

  std::mutex mutex_;  // guards what follows
  std::optional<Credentials> cached_;
  std::optional<Time> advisory_at_;     // of cached_: fetch a new one meanwhile
  std::optional<Time> mandatory_at_;    // of cached_: wait for a new one
  std::optional<Credentials> refused_;  // what a store took for expired
  std::optional<Time> quiet_until_;     // the provider failed: ask it no earlier
  bool same_again_ = false;             // it answered with refused_
  std::vector<Done> waiting_;
  bool loading_ = false;
};

}  // namespace deployflow::store
