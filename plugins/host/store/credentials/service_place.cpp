#include "plugins/host/store/credentials/service_place.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/ascii.hpp"
#include "plugins/host/store/credentials/profile_settings.hpp"
#include "plugins/host/store/uri.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>

namespace deployflow::store {
namespace {

// "eu-west-1", "us-gov-east-1": a digit at the end and at least two dashes. It becomes a host name.
bool is_aws_region(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::count(name.begin(), name.end(), '-') >= 2 &&
         name.front() >= 'a' && name.front() <= 'z' && name.back() >= '0' && name.back() <= '9' &&
         std::all_of(
             name.begin(), name.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

std::string variable_of(std::string_view service) {
  std::string out = "AWS_ENDPOINT_URL_";
  for (const char c : service) {
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

struct Named {
  std::string url;
  std::string by;
};

Result<std::optional<Named>> named_endpoint(std::string_view service,
                                            const std::string& profile,
                                            const Profiles& profiles,
                                            const Environment& environment) {
  using Found = std::optional<Named>;
  static const Properties k_none;
  const auto found = profiles.merged.profiles.find(profile);
  const Properties& properties = found != profiles.merged.profiles.end() ? found->second : k_none;
  TRY_ASSIGN(const std::optional<bool> by_profile, ignores_endpoints_of(properties, profile));
  TRY_ASSIGN(const bool ignored, ignores_configured_endpoints(environment, by_profile));
  if (ignored) {
    return Found();
  }
  for (const std::string& name : {variable_of(service), std::string("AWS_ENDPOINT_URL")}) {
    if (auto value = set_variable(environment, name)) {
      return Found(Named{std::move(*value), name});
    }
  }
  TRY_ASSIGN(std::string url, services_endpoint(properties, profiles, service));
  if (url.empty()) {
    url = property_of(properties, "endpoint_url");
  }
  if (url.empty()) {
    return Found();
  }
  return Found(Named{std::move(url), "profile " + profile});
}

}  // namespace

std::string sts_region(const std::string& profile,
                       const Profiles& profiles,
                       const Environment& environment) {
  for (const std::string_view name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (auto value = set_variable(environment, name); value && is_aws_region(*value)) {
      return *value;
    }
  }
  const auto found = profiles.merged.profiles.find(profile);
  if (found != profiles.merged.profiles.end()) {
    if (std::string region = property_of(found->second, "region"); is_aws_region(region)) {
      return region;
    }
  }
  return "us-east-1";
}

Result<ServicePlace> service_place(std::string_view service,
                                   std::string_view host_prefix,
                                   const std::string& region,
                                   const std::string& profile,
                                   const Profiles& profiles,
                                   const Environment& environment) {
  TRY_ASSIGN(const std::optional<Named> named,
             named_endpoint(service, profile, profiles, environment));
  if (named) {
    auto url = parse_endpoint_url(named->url);
    if (!url) {
      url.error().message = fmt::format("{}: {}", printable(named->by), url.error().message);
      return std::move(url.error());
    }
    const std::string host = url->authority();
    return ServicePlace{url->scheme + "://" + host, host, url->path, region};
  }
  if (!is_aws_region(region)) {
    return Error{Errc::auth,
                 fmt::format("profile {}: \"{}\" is not the name of an AWS region",
                             printable(profile),
                             printable(region)),
                 "it looks like us-east-1"};
  }
  const std::string host = fmt::format(
      "{}.{}.amazonaws.com{}", host_prefix, region, region.starts_with("cn-") ? ".cn" : "");
  return ServicePlace{"https://" + host, host, "", region};
}

}  // namespace deployflow::store
