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
#include "plugins/host/store/state_store.hpp"
#include "plugins/host/store/uri.hpp"

#include <spdlog/fmt/fmt.h>

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <tuple>
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

// The way to one bucket, each layer around the one before it.
struct Layers {
  Layers(HttpEngine& http,
         S3Options options,
         const Shared& shared,
         std::uint32_t attempts,
         std::string prefix)
      : s3(http, std::move(options)),
        limited(s3, http, shared.limit),
        retried(limited, http, shared.quota, {attempts, nullptr}),
        prefixed(retried, std::move(prefix)) {}

  S3Store s3;
  LimitStore limited;
  RetryStore retried;
  PrefixStore prefixed;
};

// Where `state:` has put the reserved folder, and the store that joins it with the site.
struct Elsewhere {
  Elsewhere(HttpEngine& http,
            S3Options options,
            const Shared& shared,
            std::uint32_t attempts,
            const TargetConfig& config,
            PrefixStore& site)
      : layers(http, std::move(options), shared, attempts, config.state->prefix),
        joined({site, {config.bucket, config.prefix}}, {layers.prefixed, *config.state}) {}

  Layers layers;
  StateStore joined;
};

class S3Target final : public TargetStore {
 public:
  /// `state_options`: set exactly when `config` has a state.
  S3Target(Engine::State& engine,
           TargetConfig config,
           S3Options options,
           std::optional<S3Options> state_options,
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
        site_(engine.http, std::move(options), shared_, attempts, config_.prefix),
        state_(state_options ? std::make_unique<Elsewhere>(engine.http,
                                                           std::move(*state_options),
                                                           shared_,
                                                           attempts,
                                                           config_,
                                                           site_.prefixed)
                             : nullptr),
        dry_(whole(), engine.http),
        dry_site_(site_.prefixed, engine.http) {}

  [[nodiscard]] ObjectStore& store() override {
    if (dry_run_ == DryRun::yes) {
      return dry_;
    }
    return whole();
  }
  [[nodiscard]] ObjectStore& site_store() override {
    if (dry_run_ == DryRun::yes) {
      return dry_site_;
    }
    return site_.prefixed;
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
    const bool is_state = source.config().state && key.starts_with(k_reserved);
    const StatePlace at = is_state ? *source.config().state
                                   : StatePlace{source.config().bucket, source.config().prefix};
    const std::lock_guard lock(mutex_);
    auto& habits = habits_[{source.config().name, is_state, !version.empty()}];
    if (habits == nullptr) {
      habits = std::make_shared<CopyHabits>();
    }
    return ServerSide{at.bucket, at.prefix + std::string(key), habits, std::string(version)};
  }
  void presign(std::string_view key,
               std::chrono::seconds ttl,
               std::function<void(Result<Link>)> done) override {
    if (state_ != nullptr && key.starts_with(k_reserved)) {
      state_->layers.s3.presign(config_.state->prefix + std::string(key), ttl, std::move(done));
    } else {
      site_.s3.presign(config_.prefix + std::string(key), ttl, std::move(done));
    }
  }
  [[nodiscard]] CredentialsSource& credentials() override { return *credentials_; }
  [[nodiscard]] DryRun dry_run() const override { return dry_run_; }
  [[nodiscard]] const PlannedWrites& planned() const override { return dry_.planned(); }

 private:
  [[nodiscard]] ObjectStore& whole() {
    if (state_ != nullptr) {
      return state_->joined;
    }
    return site_.prefixed;
  }

  Engine::State& engine_;
  TargetConfig config_;
  std::string region_;
  std::shared_ptr<CredentialsSource> credentials_;
  std::string origin_;
  std::string object_base_;
  DryRun dry_run_;
  Shared shared_;
  std::mutex mutex_;  // guards habits_
  // By the source's name, whether it is of its state, and of its versions apart: a store may copy
  // only what is live.
  std::map<std::tuple<std::string, bool, bool>, std::shared_ptr<CopyHabits>> habits_;
  Layers site_;
  std::unique_ptr<Elsewhere> state_;  // nullptr = beside the site
  DryRunStore dry_;
  DryRunStore dry_site_;
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

// Nobody but its owner is meant to read the state, whoever may read the site.
bool is_private(std::string_view acl) {
  return acl == "private" || acl.starts_with("bucket-owner-");
}

// The place of the state as if it were a target of its own.
TargetConfig state_config(const TargetConfig& config) {
  TargetConfig state = config;
  state.bucket = config.state->bucket;
  state.prefix = config.state->prefix;
  if (!is_private(state.acl)) {
    state.acl.clear();
  }
  return state;
}

Result<S3Options> make_options(const TargetConfig& config,
                               const Environment& environment,
                               const ProfileSettings& settings) {
  S3Options options;
  TRY_ASSIGN(options.endpoint, resolve_endpoint(config, environment, settings));
  TRY_ASSIGN(options.tls, resolve_tls_files(config, options.endpoint, environment, settings));
  options.stall_timeout = config.stall_timeout;
  options.wire = config.wire;
  TRY_ASSIGN(options.objects, object_headers_for(config, options.endpoint));
  return options;
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
  TRY_ASSIGN(S3Options options, make_options(config, environment, settings));
  TRY_ASSIGN(const std::uint32_t attempts,
             resolve_attempts(environment, settings, engine.state().options.attempts));
  options.credentials = engine.state().credentials_for(config, environment, settings);
  std::optional<S3Options> state_options;
  if (config.state) {
    TRY_ASSIGN(state_options, make_options(state_config(config), environment, settings));
    state_options->credentials = options.credentials;
    state_options->twin_bucket = config.bucket;
    options.twin_bucket = config.state->bucket;
  }
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
                                                                 std::move(state_options),
                                                                 std::move(origin),
                                                                 std::move(object_base),
                                                                 attempts,
                                                                 dry_run));
}

}  // namespace deployflow::store
