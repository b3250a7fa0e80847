#include "cli/target_argument.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/site/artifact_set.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace deployflow::cli {
namespace {

constexpr std::string_view k_scheme = "s3://";

bool is_bucket_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

Result<void> check_bucket(const std::string& bucket, const std::string& to) {
  if (bucket.empty()) {
    return Error{Errc::usage,
                 fmt::format("--to {}: names no bucket", printable(to)),
                 "write it as s3://BUCKET or s3://BUCKET/PREFIX"};
  }
  if (bucket.size() > 255 || !std::all_of(bucket.begin(), bucket.end(), is_bucket_character)) {
    return Error{Errc::usage,
                 fmt::format("--to {}: {} cannot be a bucket", printable(to), printable(bucket)),
                 "buckets are named with letters, digits, '.', '-' and '_'"};
  }
  return {};
}

// "a/b" or "a/b/" -> "a/b/"
Result<std::string> prefix_of(std::string_view rest, const std::string& to) {
  while (!rest.empty() && rest.back() == '/') {
    rest.remove_suffix(1);
  }
  if (rest.empty()) {
    return std::string();
  }
  if (const auto checked = site::check_key(rest); !checked) {
    return Error{Errc::usage,
                 fmt::format("--to {}: the prefix is no key", printable(to)),
                 checked.error().message};
  }
  return std::string(rest) + "/";
}

Result<void> check_url(std::string_view option, std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::string_view name = url.substr(0, scheme == std::string_view::npos ? 0 : scheme);
  const std::string_view rest = scheme == std::string_view::npos ? "" : url.substr(scheme + 3);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  if (host.find('@') != std::string_view::npos) {
    return Error{
        Errc::usage,
        fmt::format("{}: credentials are never part of a URL", option),
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or name a profile"};
  }
  if ((name != "http" && name != "https") || host.empty() ||
      url.find_first_of(" \t\r\n") != std::string_view::npos) {
    return Error{Errc::usage,
                 fmt::format("{} {}: not a URL", option, printable(url)),
                 "it starts with http:// or https:// and a host"};
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return Error{Errc::usage,
                 fmt::format("{} {}: takes no query or fragment", option, printable(url))};
  }
  return {};
}

}  // namespace

Result<store::TargetConfig> target_of(const CommandLine& line) {
  if (line.to.substr(0, k_scheme.size()) != k_scheme) {
    return Error{Errc::usage,
                 fmt::format("--to {}: not an s3:// URL", printable(line.to)),
                 "write it as s3://BUCKET or s3://BUCKET/PREFIX; targets with a name belong in a "
                 "pipeline file"};
  }
  const std::string rest = line.to.substr(k_scheme.size());
  const std::size_t slash = rest.find('/');
  store::TargetConfig target;
  target.name = "target";
  target.bucket = rest.substr(0, slash);
  TRY(check_bucket(target.bucket, line.to));
  TRY_ASSIGN(target.prefix,
             prefix_of(slash == std::string::npos ? "" : rest.substr(slash + 1), line.to));
  if (!line.endpoint_url.empty()) {
    TRY(check_url("--endpoint-url", line.endpoint_url));
  }
  if (!line.url.empty()) {
    TRY(check_url("--url", line.url));
  }
  target.endpoint = line.endpoint_url;
  target.region = line.region;
  target.profile = line.profile;
  target.url = line.url.empty() || line.url.back() == '/' ? line.url : line.url + "/";
  return target;
}

}  // namespace deployflow::cli
