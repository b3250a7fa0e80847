// Where a target's requests go: the endpoint, region and addressing, from all the places that may
// say so.
//
// As AWS's tools do it: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html

#pragma once

#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/store/credentials/profile_settings.hpp"
#include "plugins/host/store/target.hpp"

#include <string>
#include <string_view>

namespace deployflow::store {

struct Endpoint {
  std::string scheme;     // "http" or "https"
  std::string host;       // with port if not the default; without the bucket
  std::string base_path;  // raw; "" or "/x", of the endpoint's URL
  std::string bucket;
  std::string region;
  bool region_is_certain = false;  // somebody said so; false = "us-east-1" for want of better
  Addressing addressing = Addressing::path;  // never automatic
  std::string source;  // for people: "the target", "AWS_ENDPOINT_URL_S3", "AWS"

  /// For the URL and the Host header: "bucket.s3.eu-west-1.amazonaws.com", "127.0.0.1:9000".
  [[nodiscard]] std::string request_host() const;
  /// Raw, for the signer, which encodes it: "/bucket/key", "/key". Empty `key` = the bucket itself.
  [[nodiscard]] std::string request_path(std::string_view key) const;
  /// "https://bucket.s3.eu-west-1.amazonaws.com": what stands in front of the encoded path.
  [[nodiscard]] std::string origin() const { return scheme + "://" + request_host(); }
};

/// Endpoint: the target's > AWS_ENDPOINT_URL_S3 > AWS_ENDPOINT_URL > the profile's `services`
/// section > its endpoint_url > AWS. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true (or the profile's
/// setting of that name) switches off all but the first and the last. Region: the target's >
/// AWS_REGION > AWS_DEFAULT_REGION > the profile's > us-east-1. A blank variable counts as unset.
/// `automatic` addressing: path style, except on AWS, where the bucket goes into the host name
/// unless it has a dot (no certificate covers it) or is not DNS-safe. Errors: `config`, naming the
/// place that is wrong.
Result<Endpoint> resolve_endpoint(const TargetConfig& target,
                                  const Environment& environment,
                                  const ProfileSettings& settings);

}  // namespace deployflow::store
