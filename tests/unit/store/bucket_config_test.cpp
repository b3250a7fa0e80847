#include "plugins/host/store/bucket_config_xml.hpp"
#include "plugins/host/store/object_settings.hpp"
#include "plugins/host/store/s3_request.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

using namespace deployflow;
using namespace deployflow::store;

namespace {

template <class Config>
Config parse(BucketAspect aspect, std::string_view body) {
  auto parsed = parse_bucket_config_xml(aspect, body);
  REQUIRE(parsed.ok());
  return std::get<Config>(*parsed);
}

}  // namespace

// Documents as in
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html
TEST_CASE("a document that says more than we can is told apart") {
  const auto plain = parse<LifecycleConfig>(
      BucketAspect::lifecycle,
      "<LifecycleConfiguration><Rule><ID>a</ID><Prefix>old/</Prefix><Status>Disabled</Status>"
      "<Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>");
  REQUIRE(plain.rules.size() == 1);
  CHECK(plain.rules[0].prefix == "old/");
  CHECK_FALSE(plain.rules[0].enabled);
  CHECK(plain.rules[0].expire_days == 3U);
  CHECK_FALSE(plain.has_more);
  CHECK(parse<LifecycleConfig>(
            BucketAspect::lifecycle,
            "<LifecycleConfiguration><Rule><Filter><Tag><Key>k</Key></Tag></Filter>"
            "<Status>Enabled</Status></Rule></LifecycleConfiguration>")
            .has_more);
  CHECK(parse<LifecycleConfig>(
            BucketAspect::lifecycle,
            "<LifecycleConfiguration><Rule><Transition><Days>1</Days></Transition></Rule>"
            "</LifecycleConfiguration>")
            .has_more);
  CHECK(
      parse<WebsiteConfig>(BucketAspect::website,
                           "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument>"
                           "<RoutingRules><RoutingRule/></RoutingRules></WebsiteConfiguration>")
          .has_more);
  CHECK_FALSE(
      parse<WebsiteConfig>(BucketAspect::website,
                           "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument>"
                           "<RoutingRules></RoutingRules></WebsiteConfiguration>")
          .has_more);
}

TEST_CASE("a versioning that was never set is an empty document") {
  CHECK(
      parse<VersioningConfig>(BucketAspect::versioning, "<VersioningConfiguration/>").versioning ==
      Versioning::never);
}

TEST_CASE("another document, and numbers that no day can be, are no settings") {
  CHECK_FALSE(parse_bucket_config_xml(BucketAspect::cors, "<WebsiteConfiguration/>").ok());
  CHECK_FALSE(parse_bucket_config_xml(BucketAspect::cors, "").ok());
  const auto odd = parse<LifecycleConfig>(
      BucketAspect::lifecycle,
      "<LifecycleConfiguration><Rule><Expiration><Days>99999999999</Days></Expiration></Rule>"
      "</LifecycleConfiguration>");
  CHECK_FALSE(odd.rules.at(0).expire_days);
}

TEST_CASE("settings become headers where they belong") {
  ObjectSettings settings;
  settings.storage_class = "STANDARD_IA";
  settings.encryption = Encryption::kms;
  settings.kms_key_id = "arn:key";
  settings.tags = {{"b c", "1&2"}, {"a", ""}};
  const auto made = make_object_headers(settings);
  REQUIRE(made.ok());
  CHECK(made->on_write ==
        ObjectHeaders::Headers{{"x-amz-storage-class", "STANDARD_IA"},
                               {"x-amz-tagging", "a=&b%20c=1%262"},
                               {"x-amz-server-side-encryption", "aws:kms"},
                               {"x-amz-server-side-encryption-aws-kms-key-id", "arn:key"}});
  CHECK(made->on_access.empty());
}

// The digests: printf 0123456789abcdef0123456789abcdef | base64; | openssl md5 -binary | base64
TEST_CASE("a customer key goes with every access to an object") {
  auto key = parse_customer_key("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
  REQUIRE(key.ok());
  ObjectSettings settings;
  settings.encryption = Encryption::customer;
  settings.customer_key = std::move(*key);
  const auto made = make_object_headers(settings);
  REQUIRE(made.ok());
  const ObjectHeaders::Headers wanted{
      {"x-amz-server-side-encryption-customer-algorithm", "AES256"},
      {"x-amz-server-side-encryption-customer-key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="},
      {"x-amz-server-side-encryption-customer-key-md5", "hRasmdxgYDKV3nvbahU1MA=="}};
  CHECK(made->on_write == wanted);
  CHECK(made->on_access == wanted);
  CHECK(made->on_copy_source.size() == 3);
}

TEST_CASE(
    "a customer key opens the source of a copy in the target's own buckets, and in no other") {
  auto key = parse_customer_key("0123456789abcdef0123456789abcdef");
  REQUIRE(key.ok());
  ObjectSettings settings;
  settings.encryption = Encryption::customer;
  settings.customer_key = std::move(*key);
  const auto made = make_object_headers(settings);
  REQUIRE(made.ok());
  const auto opens = [&](Operation operation) {
    const auto request = make_s3_request(
        operation,
        {.bucket = "site", .twin_bucket = "private", .location = "", .objects = &made.value()});
    REQUIRE(request.ok());
    const auto& headers = request.value().signed_headers;
    return std::any_of(headers.begin(), headers.end(), [](const Header& header) {
      return header.first == "x-amz-copy-source-server-side-encryption-customer-key";
    });
  };
  const std::map<std::string, bool> buckets{
      {"", true}, {"site", false}, {"private", true}, {"another", false}};
  for (const auto& row : buckets) {  // clang captures no structured binding
    const std::string& bucket = row.first;
    const bool is_ours = row.second;
    CAPTURE(bucket);
    Copy copy;
    copy.key = "a";
    copy.from_key = "b";
    copy.from_bucket = bucket;
    CHECK(opens(copy) == is_ours);
    CopyPart part;
    part.key = "a";
    part.upload_id = "id";
    part.from_key = "b";
    part.from_bucket = bucket;
    CHECK(opens(part) == is_ours);
  }
}

TEST_CASE("a key of another length is none, and is not repeated") {
  CHECK(parse_customer_key("0123456789abcdef0123456789abcdef").ok());
  for (const char* text :
       {"", "short-and-secret", "c2hvcnQ=", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}) {
    const auto key = parse_customer_key(text);
    REQUIRE_FALSE(key.ok());
    CHECK(key.error().message.find("secret") == std::string::npos);
  }
}

TEST_CASE("tags that S3 does not take are refused") {
  ObjectSettings settings;
  settings.tags = {{"", "no name"}};
  CHECK_FALSE(make_object_headers(settings).ok());
  settings.tags = {{"k", std::string(257, 'v')}};
  CHECK_FALSE(make_object_headers(settings).ok());
  settings.tags.assign(11, {"k", "v"});
  CHECK_FALSE(make_object_headers(settings).ok());
}
