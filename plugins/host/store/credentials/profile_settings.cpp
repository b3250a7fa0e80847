#include "plugins/host/store/credentials/profile_settings.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/ascii.hpp"
#include "plugins/host/store/credentials/profiles.hpp"

#include <spdlog/fmt/fmt.h>

#include <charconv>

namespace deployflow::store {

Result<std::string> services_endpoint(const Properties& profile,
                                      const Profiles& profiles,
                                      std::string_view service) {
  const std::string name = property_of(profile, "services");
  if (name.empty()) {
    return std::string();
  }
  const auto section = profiles.merged.services.find(name);
  if (section == profiles.merged.services.end()) {
    return Error{
        Errc::auth,
        fmt::format("{} has no section [services {}]", profiles.config_path, printable(name))};
  }
  return nested_property(property_of(section->second, std::string(service)), "endpoint_url")
      .value_or("");
}

Result<std::optional<bool>> ignores_endpoints_of(const Properties& profile,
                                                 const std::string& name) {
  const std::string text = to_lower(property_of(profile, "ignore_configured_endpoint_urls"));
  if (text == "true" || text == "false" || text.empty()) {
    return text.empty() ? std::optional<bool>() : std::optional<bool>(text == "true");
  }
  return Error{Errc::auth,
               fmt::format("profile {}: ignore_configured_endpoint_urls is neither true nor false",
                           printable(name))};
}

Result<bool> ignores_configured_endpoints(const Environment& environment,
                                          std::optional<bool> by_profile) {
  constexpr std::string_view k_name = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
  const auto text = set_variable(environment, k_name);
  if (!text) {
    return by_profile.value_or(false);
  }
  const std::string lower = to_lower(*text);
  if (lower != "true" && lower != "false") {
    return Error{Errc::config, fmt::format("{} is neither true nor false", k_name)};
  }
  return lower == "true";
}

Result<std::uint32_t> resolve_attempts(const Environment& environment,
                                       const ProfileSettings& settings,
                                       std::uint32_t fallback) {
  constexpr std::uint32_t k_most = 1000;
  const auto variable = set_variable(environment, "AWS_MAX_ATTEMPTS");
  const std::string text = variable ? *variable : settings.max_attempts;
  if (text.empty()) {
    return fallback;
  }
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < 1 || value > k_most) {
    const std::string place =
        variable ? std::string("AWS_MAX_ATTEMPTS")
                 : fmt::format("max_attempts of profile {}", printable(settings.profile));
    return Error{Errc::config, fmt::format("{} is not a number from 1 to {}", place, k_most)};
  }
  return value;
}

std::string resolve_ca_file(const std::string& configured,
                            const Environment& environment,
                            const ProfileSettings& settings) {
  if (!configured.empty()) {
    return configured;
  }
  const std::string named = set_variable(environment, "AWS_CA_BUNDLE").value_or(settings.ca_bundle);
  return in_home(named, environment);
}

Result<ProfileSettings> profile_settings(const std::string& profile,
                                         const Environment& environment) {
  TRY_ASSIGN(const Profiles profiles, load_profiles(environment));
  ProfileSettings out;
  out.profile = profile_name(profile, environment);
  const auto found = profiles.merged.profiles.find(out.profile);
  if (found == profiles.merged.profiles.end()) {
    if (out.profile == "default") {
      return out;
    }
    return no_such_profile(out.profile, profiles);
  }
  out.region = property_of(found->second, "region");
  out.endpoint_url = property_of(found->second, "endpoint_url");
  out.ca_bundle = property_of(found->second, "ca_bundle");
  out.max_attempts = property_of(found->second, "max_attempts");
  TRY_ASSIGN(out.s3_endpoint_url, services_endpoint(found->second, profiles, "s3"));
  TRY_ASSIGN(out.ignore_configured_endpoint_urls, ignores_endpoints_of(found->second, out.profile));
  return out;
}

}  // namespace deployflow::store
