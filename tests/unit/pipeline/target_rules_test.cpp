#include "plugins/host/pipeline/target_rules.hpp"

#include <doctest/doctest.h>

#include <string>

namespace deployflow::pipeline {
namespace {

std::string text_of(const Result<std::string>& result) {
  return result.ok() ? result.value() : "refused";
}

TEST_CASE("endpoints are http or https URLs of a host") {
  CHECK(text_of(normal_endpoint("http://127.0.0.1:9000")) == "http://127.0.0.1:9000");
  CHECK(text_of(normal_endpoint("HTTPS://s3.example/")) == "https://s3.example");
  CHECK(text_of(normal_endpoint("http://[::1]:9000/a/b/")) == "http://[::1]:9000/a/b");
  CHECK(text_of(normal_endpoint("http://[::1]")) == "http://[::1]");
  CHECK(text_of(normal_endpoint("http://minio_1:9000")) == "http://minio_1:9000");
  for (const char* bad : {"",
                          "localhost:9000",
                          "ftp://x",
                          "http://",
                          "http:///a",
                          "http://:9000",
                          "http://h:",
                          "http://h:0",
                          "http://h:65536",
                          "http://h:9x",
                          "http://h:999999999999999999999",
                          "http://a b",
                          "http://a\n",
                          "http://a/b c",
                          "http://a/\xC3\xA4",
                          "http://\xC3\xA4",
                          "http://a..b",
                          "http://.a",
                          "http://a?x=1",
                          "http://a/#f",
                          "http://u@h",
                          "http://u:p@h/",
                          "http://[::1",
                          "http://[::1]x",
                          "http://a\\b"}) {
    CAPTURE(bad);
    CHECK(text_of(normal_endpoint(bad)) == "refused");
  }
}

TEST_CASE("the URL of a site ends in a slash") {
  CHECK(text_of(normal_site_url("https://example.org")) == "https://example.org/");
  CHECK(text_of(normal_site_url("https://example.org/docs/")) == "https://example.org/docs/");
  CHECK(text_of(normal_site_url("https://example.org/a@b")) == "https://example.org/a@b/");
}

TEST_CASE("a prefix is empty or ends in a slash, and never climbs") {
  CHECK(text_of(normal_prefix("")) == "");
  CHECK(text_of(normal_prefix("/")) == "");
  CHECK(text_of(normal_prefix("a")) == "a/");
  CHECK(text_of(normal_prefix("/a/b/")) == "a/b/");
  CHECK(text_of(normal_prefix("..a/.b")) == "..a/.b/");
  for (const char* bad : {"//", "a//b", "..", "a/../b", "./a", "a/.", "a\nb", "a\xFF"}) {
    CAPTURE(bad);
    CHECK(text_of(normal_prefix(bad)) == "refused");
  }
  CHECK(text_of(normal_prefix(std::string(900, 'a'))) == "refused");
}

TEST_CASE("a bucket has a name that fits into a URL") {
  CHECK(text_of(normal_bucket("My_bucket-1.example")) == "My_bucket-1.example");
  for (const char* bad : {"", ".", "..", "a/b", "a b", "a%b", "\xC3\xA4"}) {
    CHECK(text_of(normal_bucket(bad)) == "refused");
  }
  CHECK(text_of(normal_bucket(std::string(256, 'a'))) == "refused");
}

}  // namespace
}  // namespace deployflow::pipeline
