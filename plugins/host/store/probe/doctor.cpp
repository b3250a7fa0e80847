#include "plugins/host/store/probe/doctor.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/base/thread_pool.hpp"
#include "plugins/host/store/credentials/credentials.hpp"
#include "plugins/host/store/credentials/profile_settings.hpp"
#include "plugins/host/store/endpoint.hpp"
#include "plugins/host/store/probe/bench.hpp"
#include "plugins/host/store/probe/probes.hpp"
#include "plugins/host/store/probe/web_probes.hpp"
#include "plugins/host/store/target_store.hpp"

#include <spdlog/fmt/fmt.h>

#include <future>
#include <iterator>
#include <memory>
#include <stop_token>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::uint32_t k_attempts = 3;  // of each request: a person is waiting

// "AKIA...MPLE": enough to recognise a key, too little to be one.
std::string shortened(const std::string& key_id) {
  constexpr std::size_t k_end = 4;
  return key_id.size() > 3 * k_end ? printable(key_id.substr(0, k_end)) + "..." +
                                         printable(key_id.substr(key_id.size() - k_end))
                                   : printable(key_id.substr(0, 2)) + "...";
}

Result<std::optional<Credentials>> wait_for(CredentialsSource& source) {
  auto promise = std::make_shared<std::promise<Result<std::optional<Credentials>>>>();
  auto future = promise->get_future();
  source.get([promise](Result<std::optional<Credentials>> found) {
    promise->set_value(std::move(found));
  });
  return future.get();
}

ProbeRow refused(std::string name, Error error) {
  ProbeRow row{.name = std::move(name), .verdict = Verdict::no, .detail = error.message};
  row.error = std::move(error);
  return row;
}

ProbeRow credentials_row(CredentialsSource& source) {
  auto found = wait_for(source);
  if (!found.ok()) {
    return refused("credentials", std::move(found.error()));
  }
  if (!found->has_value()) {
    return {.name = "credentials", .detail = "none: requests are not signed, as configured"};
  }
  const Credentials& key = **found;
  std::string detail = fmt::format("{} from {}", shortened(key.key_id), printable(key.source));
  if (key.expires) {
    detail += ", until " + format_iso(*key.expires);
  }
  return {.name = "credentials", .detail = std::move(detail)};
}

ProbeRow region_row(const Endpoint& endpoint) {
  return {.name = "region",
          .detail = printable(endpoint.region) +
                    (endpoint.region_is_certain ? "" : ", because nothing names one")};
}

ProbeRow endpoint_row(const Endpoint& endpoint) {
  return {.name = "endpoint",
          .detail = fmt::format("{}, from {}; the bucket is in the {}",
                                printable(endpoint.origin()),
                                printable(endpoint.source),
                                endpoint.addressing == Addressing::path ? "path" : "host name")};
}

struct Settings {
  Endpoint endpoint;
  TlsFiles tls;
};

Result<Settings> settings_of(const TargetConfig& config, const Environment& environment) {
  ProfileSettings profile;
  if (!config.anonymous) {
    TRY_ASSIGN(profile, profile_settings(config.profile, environment));
  }
  Settings settings;
  TRY_ASSIGN(settings.endpoint, resolve_endpoint(config, environment, profile));
  TRY_ASSIGN(settings.tls, resolve_tls_files(config, settings.endpoint, environment, profile));
  return settings;
}

std::vector<Probe> probes_for(TargetStore& target,
                              const TlsFiles& tls,
                              const DoctorOptions& options) {
  const auto fetch = make_http_fetch({.stop = options.stop, .tls = tls, .trace = options.trace});
  std::vector<Probe> probes{clock_probe(fetch, target.object_base())};
  for (auto&& some : {object_probes(), special_probes()}) {
    std::copy(some.begin(), some.end(), std::back_inserter(probes));
  }
  probes.push_back(
      public_probe(fetch, [&target](const std::string& key) { return target.object_url(key); }));
  if (!target.config().url.empty()) {
    // A visitor has no client certificate of ours.
    const auto visit = make_http_fetch(
        {.stop = options.stop, .tls = {.ca_file = tls.ca_file}, .trace = options.trace});
    probes.push_back(website_probe(visit, target.config().url));
  }
  return probes;
}

// The loop has left every completion that it was in.
void wait_for_turn(Loop& loop) {
  std::promise<void> turned;
  loop.post([&] { turned.set_value(); });
  turned.get_future().wait();
}

// Looking for credentials ends with the stop; from then on only the probes do, so that what they
// wrote can be removed.
Result<std::unique_ptr<TargetStore>> open_until(const StopToken& stop,
                                                std::stop_source& engine_stop,
                                                Engine& engine,
                                                const TargetConfig& config,
                                                const Environment& environment) {
  const std::stop_callback on_stop(stop, [&] { engine_stop.request_stop(); });
  auto target = open_target(engine, config, environment, DryRun::no);
  if (!target.ok() && stop.stop_requested()) {
    return cancelled_error();
  }
  return target;
}

}  // namespace

void examine(const TargetConfig& config,
             const Environment& environment,
             const DoctorOptions& options,
             const RowSink& sink) {
  auto settings = settings_of(config, environment);
  if (!settings.ok()) {
    const bool is_auth = settings.error().code == Errc::auth;
    sink(refused(is_auth ? "credentials" : "endpoint", std::move(settings.error())));
    return;
  }
  sink(endpoint_row(settings->endpoint));
  sink(region_row(settings->endpoint));
  ThreadPool pool(1);
  std::stop_source engine_stop;
  Engine engine({.stop = engine_stop.get_token(), .trace = options.trace, .attempts = k_attempts},
                pool);
  auto target = open_until(options.stop, engine_stop, engine, config, environment);
  if (!target.ok()) {
    const bool is_auth = target.error().code == Errc::auth;
    sink(refused(is_auth ? "credentials" : "open", std::move(target.error())));
    return;
  }
  ProbeRow credentials = credentials_row((*target)->credentials());
  const bool usable = credentials.verdict == Verdict::ok;
  sink(credentials);
  if (usable) {
    const std::string scratch = fmt::format("{}doctor-{}/", k_reserved, options.run_id);
    Bench bench((*target)->site_store(), scratch, options.stop);
    Bench state((*target)->store(), scratch, options.stop);
    std::vector<Probe> probes = probes_for(**target, settings->tls, options);
    if (config.state) {
      probes.push_back(state_probe(state, {{config.bucket, config.prefix}, *config.state}));
    }
    run_probes(bench, probes, sink);
    engine_stop.request_stop();  // what was given up must end before the target goes
    bench.settle();
    state.settle();
  }
  wait_for_turn(engine.loop());
}

}  // namespace deployflow::store
