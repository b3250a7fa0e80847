// Expected values: "Signature Calculations for the Authorization Header" and "Authenticating
// Requests: Using Query Parameters" of the Amazon S3 API Reference.

#include "plugins/host/store/sign.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace deployflow;
using namespace deployflow::store;

namespace {

Credentials example_credentials() {
  return {.key_id = "AKIAIOSFODNN7EXAMPLE",
          .secret = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
          .session_token = {},
          .expires = {},
          .source = "the documentation"};
}

Scope example_scope() {
  return {*parse_time("20130524T000000Z"), "us-east-1", "s3"};
}

SigningInput example_input(std::string method, std::string path) {
  return {.method = std::move(method),
          .path = std::move(path),
          .query = {},
          .headers = {{"Host", "examplebucket.s3.amazonaws.com"}},
          .payload_hash = std::string(k_empty_payload_hash)};
}

Signed sign_example(const SigningInput& input) {
  Signer signer;
  auto out = signer.sign(input, example_credentials(), example_scope());
  REQUIRE(out.ok());
  return *out;
}

std::string added(const Signed& out, const std::string& name) {
  for (const auto& [known, value] : out.headers) {
    if (known == name) {
      return value;
    }
  }
  return "(none)";
}

const std::string k_scope_line = "20130524/us-east-1/s3/aws4_request";

std::string example_string_to_sign(const std::string& hash) {
  return "AWS4-HMAC-SHA256\n20130524T000000Z\n" + k_scope_line + "\n" + hash;
}

}  // namespace

TEST_CASE("S3's example of GET object has every step and header as published") {
  SigningInput input = example_input("GET", "/test.txt");
  input.headers.emplace_back("Range", "bytes=0-9");
  const Signed out = sign_example(input);
  CHECK(out.canonical_request ==
        "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n"
        "x-amz-content-sha256:"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
        "x-amz-date:20130524T000000Z\n\nhost;range;x-amz-content-sha256;x-amz-date\n"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(out.string_to_sign ==
        example_string_to_sign("7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972"));
  CHECK(out.signature == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  CHECK(out.authorization ==
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  CHECK(added(out, "authorization") == out.authorization);
  CHECK(added(out, "x-amz-date") == "20130524T000000Z");
  CHECK(added(out, "x-amz-content-sha256") == k_empty_payload_hash);
  CHECK(added(out, "x-amz-security-token") == "(none)");
}

TEST_CASE("S3's example of PUT object has every step as published") {
  SigningInput input = example_input("PUT", "/test$file.text");
  input.headers.emplace_back("Date", "Fri, 24 May 2013 00:00:00 GMT");
  input.headers.emplace_back("x-amz-storage-class", "REDUCED_REDUNDANCY");
  input.payload_hash = to_hex(sha256("Welcome to Amazon S3."));
  const Signed out = sign_example(input);
  CHECK(out.path == "/test%24file.text");
  CHECK(out.string_to_sign ==
        example_string_to_sign("9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d"));
  CHECK(out.signature == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST_CASE("S3's example of GET bucket lifecycle signs a name without value") {
  SigningInput input = example_input("GET", "/");
  input.query = {{"lifecycle", ""}};
  const Signed out = sign_example(input);
  CHECK(out.query == "lifecycle=");
  CHECK(out.string_to_sign ==
        example_string_to_sign("9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca"));
  CHECK(out.signature == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST_CASE("S3's example of listing objects signs the query in order") {
  SigningInput input = example_input("GET", "/");
  input.query = {{"prefix", "J"}, {"max-keys", "2"}};
  const Signed out = sign_example(input);
  CHECK(out.query == "max-keys=2&prefix=J");
  CHECK(out.string_to_sign ==
        example_string_to_sign("df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7"));
  CHECK(out.signature == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST_CASE("S3's example of a presigned GET has every step as published") {
  SigningInput input = example_input("GET", "/test.txt");
  input.payload_hash = std::string(k_unsigned_payload);
  Signer signer;
  const auto out =
      signer.presign(input, example_credentials(), example_scope(), std::chrono::seconds(86400));
  REQUIRE(out.ok());
  const std::string query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524"
      "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
      "&X-Amz-SignedHeaders=host";
  CHECK(out->canonical_request ==
        "GET\n/test.txt\n" + query +
            "\nhost:examplebucket.s3.amazonaws.com\n\nhost\nUNSIGNED-PAYLOAD");
  CHECK(out->string_to_sign ==
        example_string_to_sign("3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04"));
  CHECK(out->signature == "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
  CHECK(out->query == query + "&X-Amz-Signature=" + out->signature);
  CHECK(out->headers.empty());
  CHECK(out->authorization.empty());
}

TEST_CASE("a presigned URL is good for 1 second to 7 days") {
  const SigningInput input = example_input("GET", "/a");
  Signer signer;
  const auto presign = [&](std::chrono::seconds ttl) {
    return signer.presign(input, example_credentials(), example_scope(), ttl);
  };
  CHECK(presign(std::chrono::seconds(1)).ok());
  CHECK(presign(std::chrono::hours(7 * 24)).ok());
  for (const std::chrono::seconds ttl :
       {std::chrono::seconds(0), std::chrono::seconds(-1), std::chrono::seconds(7 * 86400 + 1)}) {
    const auto refused = presign(ttl);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::usage);
  }
}

TEST_CASE("a presigned query must not bring the parameters that presigning adds") {
  SigningInput input = example_input("GET", "/a");
  input.query = {{"x-amz-expires", "99"}};
  Signer signer;
  const auto out =
      signer.presign(input, example_credentials(), example_scope(), std::chrono::seconds(60));
  REQUIRE_FALSE(out.ok());
  CHECK(out.error().code == Errc::usage);
}

TEST_CASE("a session token is signed and sent") {
  Credentials credentials = example_credentials();
  credentials.session_token = Secret("the/token==");
  Signer signer;
  const auto out = signer.sign(example_input("GET", "/a"), credentials, example_scope());
  REQUIRE(out.ok());
  CHECK(added(*out, "x-amz-security-token") == "the/token==");
  CHECK(out->canonical_request.find("x-amz-security-token:the/token==\n") != std::string::npos);
  CHECK(out->authorization.find(";x-amz-security-token,") != std::string::npos);

  const auto link = signer.presign(
      example_input("GET", "/a"), credentials, example_scope(), std::chrono::seconds(60));
  REQUIRE(link.ok());
  CHECK(link->query.find("X-Amz-Security-Token=the%2Ftoken%3D%3D") != std::string::npos);
}

TEST_CASE("header values are trimmed and folded, and repeated ones joined in their order") {
  const std::vector<Header> headers{{"X-Amz-Meta-B", " two  words\t and\n  more "},
                                    {"x-amz-meta-a", "z"},
                                    {"X-AMZ-META-A", "a"},
                                    {"x-amz-meta-c", "  "}};
  const auto out = canonical_headers(headers);
  REQUIRE(out.size() == 3);
  CHECK(out[0] == Header{"x-amz-meta-a", "z,a"});
  CHECK(out[1] == Header{"x-amz-meta-b", "two words and more"});
  CHECK(out[2] == Header{"x-amz-meta-c", ""});
  CHECK(canonical_headers({}).empty());
}

TEST_CASE("a name repeated many times keeps the order of its values") {
  std::vector<Header> headers;
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    headers.emplace_back(i % 2 == 0 ? "x-amz-meta-b" : "x-amz-meta-a", std::to_string(i));
    expected += i % 2 == 0 ? (i == 0 ? "" : ",") + std::to_string(i) : "";
  }
  CHECK(canonical_headers(headers).back().second == expected);
}

TEST_CASE("headers that the signer writes replace those handed in") {
  SigningInput plain = example_input("GET", "/test.txt");
  SigningInput stale = plain;
  stale.headers.emplace_back("X-Amz-Date", "19990101T000000Z");
  stale.headers.emplace_back("authorization", "old");
  stale.headers.emplace_back("X-Amz-Content-Sha256", "old");
  stale.headers.emplace_back("x-amz-security-token", "old");
  CHECK(sign_example(stale).canonical_request == sign_example(plain).canonical_request);
}

TEST_CASE("a key's dot segments and slashes reach the signature as they are") {
  CHECK(sign_example(example_input("GET", "/b/../c//./d")).path == "/b/../c//./d");
}

TEST_CASE("what cannot be signed is an error") {
  Signer signer;
  const auto refused = [&](const SigningInput& input) {
    const auto out = signer.sign(input, example_credentials(), example_scope());
    return !out.ok() && out.error().code == Errc::internal;
  };
  CHECK(refused(example_input("GET", "no-slash")));
  CHECK(refused(example_input("GET", "")));
  CHECK(refused(example_input("", "/")));
  CHECK(refused(example_input("GE T", "/")));
  SigningInput input = example_input("GET", "/");
  input.headers.clear();
  CHECK(refused(input));
  input = example_input("GET", "/");
  input.headers.emplace_back("bad name", "x");
  CHECK(refused(input));
  input = example_input("GET", "/");
  input.payload_hash.clear();
  CHECK(refused(input));
}

TEST_CASE("the kept signing key follows secret, day, region and service") {
  Signer reused;
  const auto check = [&](const Credentials& credentials, const Scope& scope) {
    Signer fresh;
    const SigningInput input = example_input("GET", "/k");
    CHECK(reused.sign(input, credentials, scope)->signature ==
          fresh.sign(input, credentials, scope)->signature);
  };
  Credentials other = example_credentials();
  other.secret = Secret("other");
  Scope scope = example_scope();
  check(example_credentials(), scope);
  check(other, scope);  // same key id, rotated secret
  scope.time += std::chrono::hours(24);
  check(other, scope);
  scope.region = "eu-west-1";
  check(other, scope);
  scope.service = "sts";
  check(other, scope);
}

TEST_CASE("one signer serves several threads") {
  Signer signer;
  std::atomic<int> wrong = 0;
  const std::string expected[] = {
      signer.sign(example_input("GET", "/a"), example_credentials(), example_scope())->signature,
      signer
          .sign(example_input("GET", "/a"),
                example_credentials(),
                {example_scope().time, "eu-west-1", "s3"})
          ->signature};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const Scope scope{example_scope().time, t % 2 == 0 ? "us-east-1" : "eu-west-1", "s3"};
      for (int i = 0; i < 200; ++i) {
        const auto out = signer.sign(example_input("GET", "/a"), example_credentials(), scope);
        wrong += out->signature != expected[t % 2] ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(wrong == 0);
}
