#include "plugins/host/store/target_store.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/store/credentials/make_credentials.hpp"
#include "plugins/host/store/credentials/profile_settings.hpp"
#include "plugins/host/store/dry_run_store.hpp"
#include "plugins/host/store/endpoint.hpp"
#include "plugins/host/store/http.hpp"
#include "plugins/host/store/limit_store.hpp"
#include "plugins/host/store/prefix_store.hpp"
#include "plugins/host/store/retry_store.hpp"
#include "plugins/host/store/s3_store.hpp"
#include "plugins/host/store/uri.hpp"

#include <spdlog/fmt/fmt.h>

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace deployflow::store {
namespace {

// What all targets of one endpoint share.
struct Shared {
  std::shared_ptr<ConcurrencyLimit> limit;
  std::shared_ptr<RetryQuota> quota;
};

// The way from a thread of the pool back to the loop, which may be gone by then: a key that was
// fetched ahead of time, and that no request waits for, is dropped.
class WayToLoop {
 public:
  explicit WayToLoop(Loop& loop) : loop_(&loop) {}
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (loop_ != nullptr) {
      loop_->post(std::move(task));
    }
  }
  void close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;  // guards loop_
  Loop* loop_;
};

}  // namespace

struct Engine::State {
  State(const EngineOptions& engine_options, ThreadPool& thread_pool)
      : options(engine_options),
        pool(thread_pool),
        budget(engine_options.buffer_bytes),
        files(engine_options.file_bytes),
        http({.stop = engine_options.stop, .trace = engine_options.trace}),
        way_to_loop(std::make_shared<WayToLoop>(http)),
        on_stop(engine_options.stop, [this] { fetching.request_stop(); }) {}

  ~State() {
    way_to_loop->close();
    fetching.request_stop();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// One for all targets with the same profile: a role is assumed once, not once a target.
  std::shared_ptr<CredentialsSource> credentials_for(const TargetConfig& config,
                                                     const Environment& environment,
                                                     const ProfileSettings& settings) {
    const std::lock_guard lock(mutex);
    const std::string name = config.anonymous ? "-" : "+" + config.profile;
    std::shared_ptr<CredentialsSource>& known = by_profile[name];
    if (known == nullptr) {
      ProviderTools tools;
      tools.environment = environment;
      tools.stop = fetching.get_token();
      tools.http = make_http_fetch({.stop = tools.stop,
                                    .tls = {.ca_file = resolve_ca_file("", environment, settings)},
                                    .trace = options.trace});
      known = make_credentials(
          config,
          tools,
          {.load = [this](std::function<void()> task) { pool.submit(std::move(task)); },
           .answer =
               [way = way_to_loop](std::function<void()> task) { way->post(std::move(task)); }});
    }
    return known;
  }

  Shared shared_for(const std::string& endpoint) {
    const std::lock_guard lock(mutex);
    Shared& shared = by_endpoint[endpoint];
    if (shared.limit == nullptr) {
      shared.limit = std::make_shared<ConcurrencyLimit>(options.concurrency);
      shared.quota = std::make_shared<RetryQuota>();
    }
    return shared;
  }

  EngineOptions options;
  ThreadPool& pool;
  ByteBudget budget;
  ByteBudget files;
  std::mutex mutex;  // guards by_endpoint, by_profile
  std::map<std::string, Shared> by_endpoint;
  std::map<std::string, std::shared_ptr<CredentialsSource>> by_profile;
  std::stop_source fetching;  // of keys; also stopped when the engine goes
  HttpEngine http;            // after all that its thread uses until it has ended
  std::shared_ptr<WayToLoop> way_to_loop;
  std::stop_callback<std::function<void()>> on_stop;
};

Engine::Engine(const EngineOptions& options, ThreadPool& pool)
    : state_(std::make_unique<State>(options, pool)) {}
Engine::~Engine() = default;
Loop& Engine::loop() {
  return state_->http;
}
ThreadPool& Engine::pool() {
  return state_->pool;
}

namespace {

class S3Target final : public TargetStore {
 public:
  S3Target(Engine::State& engine,
           TargetConfig config,
           S3Options options,
           std::string origin,
           std::string object_base,
           std::uint32_t attempts,
           DryRun dry_run)
      : engine_(engine),
        config_(std::move(config)),
        region_(options.endpoint.region),
        credentials_(options.credentials),
        origin_(std::move(origin)),
        object_base_(std::move(object_base)),
        dry_run_(dry_run),
        shared_(engine.shared_for(origin_)),
        s3_(engine.http, std::move(options)),
        limited_(s3_, engine.http, shared_.limit),
        retried_(limited_, engine.http, shared_.quota, {attempts, nullptr}),
        prefixed_(retried_, config_.prefix),
        dry_(prefixed_, engine.http) {}

  [[nodiscard]] ObjectStore& store() override {
    if (dry_run_ == DryRun::yes) {
      return dry_;
    }
    return prefixed_;
  }
  [[nodiscard]] StoreContext context() override {
    return {store(), engine_.http, engine_.pool, engine_.budget, engine_.files};
  }
  [[nodiscard]] const TargetConfig& config() const override { return config_; }
  [[nodiscard]] const std::string& endpoint() const override { return origin_; }
  [[nodiscard]] const std::string& region() const override { return region_; }
  [[nodiscard]] const std::string& object_base() const override { return object_base_; }
  [[nodiscard]] std::string object_url(std::string_view key) const override {
    return object_base_ + encode_path(key);
  }
  [[nodiscard]] std::optional<ServerSide> server_side(const TargetStore& source,
                                                      std::string_view key,
                                                      std::string_view version) override {
    const auto speaks_for_itself = [](const TargetConfig& config) {
      return !config.anonymous && config.encryption != Encryption::customer;
    };
    if (source.endpoint() != origin_ || !speaks_for_itself(config_) ||
        !speaks_for_itself(source.config())) {
      return std::nullopt;
    }
    const std::lock_guard lock(mutex_);
    auto& habits = habits_[{source.config().name, !version.empty()}];
    if (habits == nullptr) {
      habits = std::make_shared<CopyHabits>();
    }
    return ServerSide{source.config().bucket,
                      source.config().prefix + std::string(key),
                      habits,
                      std::string(version)};
  }
  void presign(std::string_view key,
               std::chrono::seconds ttl,
               std::function<void(Result<Link>)> done) override {
    s3_.presign(config_.prefix + std::string(key), ttl, std::move(done));
  }
  [[nodiscard]] CredentialsSource& credentials() override { return *credentials_; }
  [[nodiscard]] DryRun dry_run() const override { return dry_run_; }

 private:
  Engine::State& engine_;
  TargetConfig config_;
  std::string region_;
  std::shared_ptr<CredentialsSource> credentials_;
  std::string origin_;
  std::string object_base_;
  DryRun dry_run_;
  Shared shared_;
  std::mutex mutex_;  // guards habits_
  // By the source's name; of its versions apart: a store may copy only what is live.
  std::map<std::pair<std::string, bool>, std::shared_ptr<CopyHabits>> habits_;
  // Each around the one before it.
  S3Store s3_;
  LimitStore limited_;
  RetryStore retried_;
  PrefixStore prefixed_;
  DryRunStore dry_;
};

constexpr std::uint64_t k_most_key_file = 4096;

bool is_loopback(std::string_view host) {
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

Result<ObjectHeaders> object_headers_for(const TargetConfig& config, const Endpoint& endpoint) {
  ObjectSettings settings;
  settings.storage_class = config.storage_class;
  settings.acl = config.acl;
  settings.encryption = config.encryption;
  settings.kms_key_id = config.kms_key_id;
  settings.tags = config.tags;
  if (config.encryption == Encryption::customer) {
    if (endpoint.scheme != "https" && !is_loopback(endpoint.host)) {
      return Error{
          Errc::config,
          fmt::format("target {}: a customer key is not sent over plain HTTP", config.name),
          "use an https:// endpoint, or another `encryption`"};
    }
    auto text = read_file(config.customer_key_file, k_most_key_file);
    auto key = text.ok() ? parse_customer_key(*text) : Result<Secret>(std::move(text.error()));
    if (!key.ok()) {
      return Error{
          Errc::config,
          fmt::format("target {}: customer_key_file: {}", config.name, key.error().message),
          key.error().hint};
    }
    settings.customer_key = std::move(*key);
  }
  auto headers = make_object_headers(settings);
  if (!headers.ok()) {
    headers.error().message = fmt::format("target {}: {}", config.name, headers.error().message);
  }
  return headers;
}

}  // namespace

Result<std::unique_ptr<TargetStore>> open_target(Engine& engine,
                                                 const TargetConfig& config,
                                                 const Environment& environment,
                                                 DryRun dry_run) {
  ProfileSettings settings;
  if (!config.anonymous) {
    TRY_ASSIGN(settings, profile_settings(config.profile, environment));
  }
  S3Options options;
  TRY_ASSIGN(options.endpoint, resolve_endpoint(config, environment, settings));
  TRY_ASSIGN(options.tls, resolve_tls_files(config, options.endpoint, environment, settings));
  options.stall_timeout = config.stall_timeout;
  options.wire = config.wire;
  TRY_ASSIGN(const std::uint32_t attempts,
             resolve_attempts(environment, settings, engine.state().options.attempts));
  TRY_ASSIGN(options.objects, object_headers_for(config, options.endpoint));
  options.credentials = engine.state().credentials_for(config, environment, settings);
  TRY(options.credentials->prepare());

  // The limit belongs to the machine that answers, whatever the bucket is called.
  std::string origin = options.endpoint.scheme + "://" + options.endpoint.host;
  std::string object_base =
      options.endpoint.origin() + encode_path(options.endpoint.request_path(config.prefix));
  if (object_base.back() != '/') {
    object_base += '/';  // a bucket in the path, without prefix
  }
  return std::unique_ptr<TargetStore>(std::make_unique<S3Target>(engine.state(),
                                                                 config,
                                                                 std::move(options),
                                                                 std::move(origin),
                                                                 std::move(object_base),
                                                                 attempts,
                                                                 dry_run));
}

}  // namespace deployflow::store
