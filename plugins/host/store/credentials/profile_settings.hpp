// What a profile says besides keys: where its requests go.

#pragma once

#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/store/credentials/profiles.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow::store {

/// Empty = not set.
struct ProfileSettings {
  std::string profile;  // whose settings these are
  std::string region;
  std::string endpoint_url;     // for all services
  std::string s3_endpoint_url;  // from the profile's `services` section
  std::optional<bool> ignore_configured_endpoint_urls;
  std::string ca_bundle = {};     // path of a PEM file
  std::string max_attempts = {};  // as written; resolve_attempts() reads it
};

/// Settings of `profile`, else of the profile that the environment names, else of "default".
/// Blocking: reads both AWS files. Errors: `auth` as load_profiles(), or if a profile that was
/// asked for by name, or the `services` section it names, does not exist.
Result<ProfileSettings> profile_settings(const std::string& profile,
                                         const Environment& environment);

/// AWS_MAX_ATTEMPTS > the profile's max_attempts > `fallback`: how often a request is sent at most.
/// Errors: `config` if it is not a number from 1 to 1000.
Result<std::uint32_t> resolve_attempts(const Environment& environment,
                                       const ProfileSettings& settings,
                                       std::uint32_t fallback);

/// `configured` > AWS_CA_BUNDLE > the profile's ca_bundle > "" (the system's).
std::string resolve_ca_file(const std::string& configured,
                            const Environment& environment,
                            const ProfileSettings& settings);

/// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS > `by_profile` > false. Errors: `config` if it is neither
/// true nor false.
Result<bool> ignores_configured_endpoints(const Environment& environment,
                                          std::optional<bool> by_profile);

/// A profile's ignore_configured_endpoint_urls. Errors: `auth` if it is neither true nor false.
Result<std::optional<bool>> ignores_endpoints_of(const Properties& profile,
                                                 const std::string& name);

/// The endpoint_url of `service` in the `services` section that the profile names, or "". Errors:
/// `auth` if there is no such section.
Result<std::string> services_endpoint(const Properties& profile,
                                      const Profiles& profiles,
                                      std::string_view service);

}  // namespace deployflow::store
