#include "plugins/host/store/endpoint.hpp"

#include "tests/unit/store/signing/fake_environment.hpp"

#include <doctest/doctest.h>

using namespace deployflow;
using namespace deployflow::store;

namespace {

TargetConfig target_of(std::string endpoint, std::string bucket = "bucket") {
  TargetConfig out;
  out.name = "primary";
  out.endpoint = std::move(endpoint);
  out.bucket = std::move(bucket);
  return out;
}

Endpoint resolved(const TargetConfig& target,
                  const Variables& variables = {},
                  const ProfileSettings& settings = {}) {
  const auto out = resolve_endpoint(target, environment_of(variables), settings);
  REQUIRE_MESSAGE(out.ok(), out.error().message);
  return *out;
}

std::string refusal(const TargetConfig& target, const Variables& variables = {}) {
  const auto out = resolve_endpoint(target, environment_of(variables), {});
  REQUIRE_FALSE(out.ok());
  CHECK(out.error().code == Errc::config);
  return out.error().message;
}

}  // namespace

TEST_CASE("the endpoint comes from the first place that names one") {
  const ProfileSettings settings{.profile = "dev",
                                 .region = {},
                                 .endpoint_url = "http://profile",
                                 .s3_endpoint_url = "http://services",
                                 .ignore_configured_endpoint_urls = {}};
  Variables variables{{"AWS_ENDPOINT_URL_S3", "http://env-s3"}, {"AWS_ENDPOINT_URL", "http://env"}};
  CHECK(resolved(target_of("http://config"), variables, settings).host == "config");
  CHECK(resolved(target_of(""), variables, settings).host == "env-s3");
  variables["AWS_ENDPOINT_URL_S3"] = "  ";  // blank is unset
  CHECK(resolved(target_of(""), variables, settings).host == "env");
  CHECK(resolved(target_of(""), {}, settings).host == "services");
  ProfileSettings general = settings;
  general.s3_endpoint_url.clear();
  const Endpoint from_profile = resolved(target_of(""), {}, general);
  CHECK(from_profile.host == "profile");
  CHECK(from_profile.source == "profile dev");
  CHECK(resolved(target_of("")).origin() == "https://bucket.s3.us-east-1.amazonaws.com");
}

TEST_CASE("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS leaves the target's endpoint and AWS") {
  ProfileSettings settings;
  settings.endpoint_url = "http://profile";
  const Variables variables{{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True"},
                            {"AWS_ENDPOINT_URL", "http://env"}};
  CHECK(resolved(target_of(""), variables, settings).source == "AWS");
  CHECK(resolved(target_of("http://config"), variables, settings).host == "config");
  settings.ignore_configured_endpoint_urls = true;
  CHECK(resolved(target_of(""), {}, settings).source == "AWS");
  CHECK(
      resolved(target_of(""), {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"}}, settings).host ==
      "profile");
  CHECK(refusal(target_of(""), {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "maybe"}}) ==
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is neither true nor false");
}

TEST_CASE("the region comes from the first place that names one, and a guess is marked") {
  ProfileSettings settings;
  settings.region = "profile-1";
  TargetConfig target = target_of("http://h");
  Variables variables{{"AWS_REGION", "env-1"}, {"AWS_DEFAULT_REGION", "env-2"}};
  target.region = "config-1";
  CHECK(resolved(target, variables, settings).region == "config-1");
  target.region.clear();
  CHECK(resolved(target, variables, settings).region == "env-1");
  variables["AWS_REGION"] = "";
  CHECK(resolved(target, variables, settings).region == "env-2");
  CHECK(resolved(target, {}, settings).region == "profile-1");
  CHECK(resolved(target, {}, settings).region_is_certain);
  CHECK(resolved(target).region == "us-east-1");
  CHECK_FALSE(resolved(target).region_is_certain);
}

TEST_CASE("a custom endpoint is addressed by path, with its own base path in front") {
  const Endpoint plain = resolved(target_of("http://127.0.0.1:9000"));
  CHECK(plain.addressing == Addressing::path);
  CHECK(plain.request_host() == "127.0.0.1:9000");
  CHECK(plain.request_path("a b/c") == "/bucket/a b/c");
  CHECK(plain.request_path("") == "/bucket");
  CHECK(resolved(target_of("https://h/s3/")).request_path("k") == "/s3/bucket/k");
  CHECK(resolved(target_of("http://[::1]:9000")).origin() == "http://[::1]:9000");
}

TEST_CASE("on AWS the bucket goes into the host name, unless it has a dot or is no DNS label") {
  const Endpoint aws = resolved(target_of("", "my-bucket"), {{"AWS_REGION", "eu-west-1"}});
  CHECK(aws.addressing == Addressing::virtual_host);
  CHECK(aws.request_host() == "my-bucket.s3.eu-west-1.amazonaws.com");
  CHECK(aws.request_path("a/b") == "/a/b");
  CHECK(aws.request_path("") == "/");
  const Endpoint named =
      resolved(target_of("https://s3.eu-west-1.amazonaws.com:8443", "my-bucket"));
  CHECK(named.request_host() == "my-bucket.s3.eu-west-1.amazonaws.com:8443");
  for (const char* bucket : {"www.example.com", "Upper", "under_score", "ab", "-ab", "ab-"}) {
    CAPTURE(bucket);
    CHECK(resolved(target_of("", bucket)).addressing == Addressing::path);
  }
  CHECK(resolved(target_of("https://amazonaws.com.evil.example")).addressing == Addressing::path);
}

TEST_CASE("China has its own domain") {
  CHECK(resolved(target_of(""), {{"AWS_REGION", "cn-north-1"}}).host ==
        "s3.cn-north-1.amazonaws.com.cn");
}

TEST_CASE("addressing can be chosen") {
  TargetConfig target = target_of("https://storage.example:8443/x");
  target.addressing = Addressing::virtual_host;
  CHECK(resolved(target).request_host() == "bucket.storage.example:8443");
  CHECK(resolved(target).request_path("k") == "/x/k");
  target.endpoint.clear();
  target.addressing = Addressing::path;
  CHECK(resolved(target).request_host() == "s3.us-east-1.amazonaws.com");
  target = target_of("http://127.0.0.1:9000");
  target.addressing = Addressing::virtual_host;
  CHECK(refusal(target).find("cannot stand in front of the address") != std::string::npos);
}

TEST_CASE("a wrong URL names the place it came from") {
  CHECK(refusal(target_of(""), {{"AWS_ENDPOINT_URL_S3", "localhost:9000"}}) ==
        "AWS_ENDPOINT_URL_S3: endpoint \"localhost:9000\" has no scheme");
  CHECK(refusal(target_of("h")).starts_with("the target: "));
}

TEST_CASE("a bucket or region that would change the request is refused") {
  for (const char* bucket : {"", "a/b", "..", ".", "a b", "a\nb", "a?b", "b\xC3\xBC"}) {
    CAPTURE(bucket);
    refusal(target_of("http://h", bucket));
  }
  for (const char* region : {"us east", "a\r\nb", "evil.example/", "x/y"}) {
    CAPTURE(region);
    TargetConfig target = target_of("");
    target.region = region;
    CHECK(refusal(target).find("is not the name of a region") != std::string::npos);
  }
}
