// What the rest of the host uses: from the targets of a pipeline to stores that work.
//
//   ThreadPool pool;
//   Engine engine({.stop = stop}, pool);                          // one for a run
//   auto target = open_target(engine, config, environment, DryRun::no);   // one for each target
//   target->store().submit(Head{"index.html"}, on_head);
//   put_object(target->context(), {...}, on_stored);
//
// Declared in that order they are destroyed in the right one: an engine must outlive its targets,
// and the pool must be idle or alive until the engine is gone. Destroy nothing before every
// completion has run (after cancellation they all do, within a second).

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/store/link.hpp"
#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"
#include "plugins/host/store/planned_writes.hpp"
#include "plugins/host/store/put_object.hpp"
#include "plugins/host/store/server_copy.hpp"
#include "plugins/host/store/target.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::store {

class CredentialsSource;

enum class DryRun : std::uint8_t { no, yes };

struct EngineOptions {
  StopToken stop;
  std::function<void(std::string_view)>
      trace;  // a line for each request and reply, redacted; null = none
  std::uint64_t buffer_bytes = 32U << 20;  // on their way between stores, in memory at once
  // Of files in memory to be sent, at once. What is read ahead of a request waits in memory for it
  // and makes nothing faster: this is enough for `concurrency` requests.
  std::uint64_t file_bytes = 8U << 20;
  std::uint32_t concurrency = 32;  // requests in flight at one endpoint, at most
  std::uint32_t attempts = 5;      // of each request, unless AWS_MAX_ATTEMPTS or a profile says so
};

/// Carries the requests of a run: one thread, reused connections, and for each endpoint one limit
/// of concurrency and one quota of retries, shared by its targets. Thread-safe.
class Engine {
 public:
  Engine(const EngineOptions& options, ThreadPool& pool);
  ~Engine();  // requests in flight complete with Errc::cancelled; joins
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] Loop& loop();
  [[nodiscard]] ThreadPool& pool();

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// A target that can be read and written. Keys are relative to its prefix.
class TargetStore {
 public:
  virtual ~TargetStore() = default;

  [[nodiscard]] virtual ObjectStore& store() = 0;
  /// The site's own bucket alone: what lies below ".deployflow/" there, although the target has its
  /// state elsewhere. Without `state` the same as store().
  [[nodiscard]] virtual ObjectStore& site_store() = 0;
  /// For put_object, transfer, copy_object.
  [[nodiscard]] virtual StoreContext context() = 0;

  [[nodiscard]] virtual const TargetConfig& config() const = 0;
  [[nodiscard]] virtual const std::string& endpoint() const = 0;  // "http://127.0.0.1:9000"
  [[nodiscard]] virtual const std::string& region() const = 0;    // as resolved
  /// URL at the endpoint that, with an encoded key appended, names an object of this target.
  [[nodiscard]] virtual const std::string& object_base() const = 0;
  /// object_base() with `key` encoded and appended.
  [[nodiscard]] virtual std::string object_url(std::string_view key) const = 0;
  /// An object of `source`, or with `version` that one of it, as this target's endpoint can copy it
  /// by itself; nullopt if it cannot: another endpoint, or one of the two is anonymous or has a
  /// customer's key. On the loop or before it is used there.
  [[nodiscard]] virtual std::optional<ServerSide> server_side(const TargetStore& source,
                                                              std::string_view key,
                                                              std::string_view version) = 0;
  /// A link to an object; see S3Store::presign().
  virtual void presign(std::string_view key,
                       std::chrono::seconds ttl,
                       std::function<void(Result<Link>)> done) = 0;
  /// Are writes swallowed?
  [[nodiscard]] virtual DryRun dry_run() const = 0;
  /// Those that were; empty if none are.
  [[nodiscard]] virtual const PlannedWrites& planned() const = 0;
  /// What signs its requests, for telling which key that is.
  [[nodiscard]] virtual CredentialsSource& credentials() = 0;
};

/// Resolves endpoint, region and credentials of `config`. The store is not asked; STS, a metadata
/// service or a process may be, where the credentials come from there. Blocking.
/// Errors: `config` for a malformed endpoint; `auth` naming every place where credentials were
/// looked for.
Result<std::unique_ptr<TargetStore>> open_target(Engine& engine,
                                                 const TargetConfig& config,
                                                 const Environment& environment,
                                                 DryRun dry_run);

}  // namespace deployflow::store
