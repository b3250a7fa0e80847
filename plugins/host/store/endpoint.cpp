#include "plugins/host/store/endpoint.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/ascii.hpp"
#include "plugins/host/store/credentials/profiles.hpp"
#include "plugins/host/store/uri.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>

namespace deployflow::store {
namespace {

struct Setting {
  std::string value;
  std::string source;
};

bool is_one_label(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 63 && is_lower_or_digit(bucket.front()) &&
         is_lower_or_digit(bucket.back()) && std::all_of(bucket.begin(), bucket.end(), [](char c) {
           return is_lower_or_digit(c) || c == '-';
         });
}

bool is_aws_host(std::string_view host) {
  return host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
}

Result<void> check_bucket(const TargetConfig& target) {
  const std::string& bucket = target.bucket;
  if (bucket.empty()) {
    return Error{Errc::config,
                 fmt::format("target {} has no bucket", printable(target.name)),
                 "add `bucket: NAME`, or use --to s3://NAME"};
  }
  // Lenient, since stores differ; but nothing that changes the meaning of the path.
  const bool is_plain = std::all_of(bucket.begin(), bucket.end(), [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
  });
  if (!is_plain || bucket == "." || bucket == ".." || bucket.size() > 255) {
    return Error{Errc::config,
                 fmt::format("\"{}\" is not the name of a bucket", printable(bucket)),
                 "names have letters, digits, '-', '.' and '_'"};
  }
  return {};
}

/// nullopt = nobody names one: AWS.
Result<std::optional<Setting>> endpoint_setting(const TargetConfig& target,
                                                const Environment& environment,
                                                const ProfileSettings& settings) {
  using Found = std::optional<Setting>;
  if (!target.endpoint.empty()) {
    return Found(Setting{target.endpoint, "the target"});
  }
  TRY_ASSIGN(const bool ignored,
             ignores_configured_endpoints(environment, settings.ignore_configured_endpoint_urls));
  if (ignored) {
    return Found();
  }
  for (const std::string_view name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
    if (const auto value = set_variable(environment, name)) {
      return Found(Setting{*value, std::string(name)});
    }
  }
  if (!settings.s3_endpoint_url.empty()) {
    return Found(Setting{settings.s3_endpoint_url, "services of profile " + settings.profile});
  }
  if (!settings.endpoint_url.empty()) {
    return Found(Setting{settings.endpoint_url, "profile " + settings.profile});
  }
  return Found();
}

Result<std::optional<Setting>> region_setting(const TargetConfig& target,
                                              const Environment& environment,
                                              const ProfileSettings& settings) {
  std::optional<Setting> found;
  if (!target.region.empty()) {
    found = Setting{target.region, "the target"};
  }
  for (const std::string_view name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    const auto value = set_variable(environment, name);
    if (!found && value) {
      found = Setting{*value, std::string(name)};
    }
  }
  if (!found && !settings.region.empty()) {
    found = Setting{settings.region, "profile " + settings.profile};
  }
  // It becomes part of a host name and of the Authorization header.
  const auto is_fit = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
  if (found && !std::all_of(found->value.begin(), found->value.end(), is_fit)) {
    return Error{Errc::config,
                 fmt::format("{}: \"{}\" is not the name of a region",
                             printable(found->source),
                             printable(found->value)),
                 "it looks like us-east-1"};
  }
  return found;
}

Result<void> place(const Setting& setting, Endpoint& out, bool& is_ip_literal) {
  auto url = parse_endpoint_url(setting.value);
  if (!url) {
    url.error().message = fmt::format("{}: {}", printable(setting.source), url.error().message);
    return std::move(url.error());
  }
  out.scheme = url->scheme;
  out.host = url->authority();
  out.base_path = url->path;
  out.source = setting.source;
  is_ip_literal = url->is_ip_literal;
  return {};
}

Addressing automatic_addressing(const Endpoint& endpoint) {
  const std::string_view host(endpoint.host);
  const bool is_aws = is_aws_host(host.substr(0, host.find(':')));
  return is_aws && is_one_label(endpoint.bucket) ? Addressing::virtual_host : Addressing::path;
}

}  // namespace

std::string Endpoint::request_host() const {
  return addressing == Addressing::virtual_host ? bucket + "." + host : host;
}

std::string Endpoint::request_path(std::string_view key) const {
  std::string out = base_path;
  if (addressing != Addressing::virtual_host) {
    out.append(1, '/').append(bucket);
    if (key.empty()) {
      return out;
    }
  }
  return out.append(1, '/').append(key);
}

Result<Endpoint> resolve_endpoint(const TargetConfig& target,
                                  const Environment& environment,
                                  const ProfileSettings& settings) {
  TRY(check_bucket(target));
  Endpoint out;
  out.bucket = target.bucket;
  TRY_ASSIGN(const std::optional<Setting> region, region_setting(target, environment, settings));
  out.region = region ? region->value : "us-east-1";
  out.region_is_certain = region.has_value();

  TRY_ASSIGN(const std::optional<Setting> custom, endpoint_setting(target, environment, settings));
  bool is_ip_literal = false;
  if (custom) {
    TRY(place(*custom, out, is_ip_literal));
  } else {
    const bool is_china = out.region.starts_with("cn-");
    out.scheme = "https";
    out.host = fmt::format("s3.{}.amazonaws.com{}", out.region, is_china ? ".cn" : "");
    out.source = "AWS";
  }

  out.addressing =
      target.addressing == Addressing::automatic ? automatic_addressing(out) : target.addressing;
  if (out.addressing == Addressing::virtual_host && is_ip_literal) {
    return Error{
        Errc::config,
        fmt::format("bucket {} cannot stand in front of the address {}", out.bucket, out.host),
        "use `addressing: path`, or an endpoint with a host name"};
  }
  return out;
}

}  // namespace deployflow::store
