// Where AWS's other services answer: STS for roles, the SSO portal.

#pragma once

#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/store/credentials/profiles.hpp"

#include <string>
#include <string_view>

namespace deployflow::store {

struct ServicePlace {
  std::string origin;  // "https://sts.eu-west-1.amazonaws.com"
  std::string host;    // as the Host header has it
  std::string path;    // raw; "" or "/x"
  std::string region;  // to sign for
};

/// `service` as in a `services` section: "sts", "sso", "sso_oidc". AWS_ENDPOINT_URL_<SERVICE> >
/// AWS_ENDPOINT_URL > the profile's `services` section > its endpoint_url > AWS's regional endpoint
/// `host_prefix`.REGION.amazonaws.com. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS leaves the last alone.
/// Errors: `config` or `auth`, naming the place that is wrong.
Result<ServicePlace> service_place(std::string_view service,
                                   std::string_view host_prefix,
                                   const std::string& region,
                                   const std::string& profile,
                                   const Profiles& profiles,
                                   const Environment& environment);

/// AWS_REGION > AWS_DEFAULT_REGION > the profile's. A name that is not one of AWS's (stores make up
/// their own: "garage", "auto") counts as unset; "us-east-1" if none is set.
std::string sts_region(const std::string& profile,
                       const Profiles& profiles,
                       const Environment& environment);

}  // namespace deployflow::store
