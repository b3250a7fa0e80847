#include "plugins/host/store/sign_json.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <vector>

using namespace deployflow;
using namespace deployflow::store;
using nlohmann::json;

namespace {

// Spelled out, since the library takes {{"a", "b"}} for an object.
json pairs(const std::vector<std::vector<std::string>>& lists) {
  return lists;
}

json example() {
  return {{"method", "GET"},
          {"path", "/test.txt"},
          {"headers", pairs({{"host", "examplebucket.s3.amazonaws.com"}, {"range", "bytes=0-9"}})},
          {"payload_hash", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
          {"credentials",
           {{"access_key_id", "AKIAIOSFODNN7EXAMPLE"},
            {"secret_access_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}}},
          {"timestamp", "2013-05-24T00:00:00Z"},
          {"region", "us-east-1"}};
}

std::string message_of(const std::string& line) {
  const auto out = sign_json_line(line);
  REQUIRE_FALSE(out.ok());
  CHECK(out.error().code == Errc::usage);
  CHECK(out.error().message.find("wJalr") == std::string::npos);
  return out.error().message;
}

}  // namespace

TEST_CASE("a request in JSON is signed as S3's documentation signs it") {
  const auto line = sign_json_line(example().dump());
  REQUIRE(line.ok());
  CHECK(line->find('\n') == std::string::npos);
  const json out = json::parse(*line);
  CHECK(out["signature"] == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  CHECK(out["path"] == "/test.txt");
  CHECK(out["query"] == "");
  CHECK(out["authorization"].get<std::string>().starts_with("AWS4-HMAC-SHA256 Credential="));
  CHECK(out["canonical_request"].get<std::string>().starts_with("GET\n/test.txt\n\nhost:"));
  CHECK(
      out["string_to_sign"].get<std::string>().starts_with("AWS4-HMAC-SHA256\n20130524T000000Z\n"));
  CHECK(out["headers"][0] == json::array({"x-amz-date", "20130524T000000Z"}));
}

TEST_CASE("a compact timestamp is the same moment") {
  json compact = example();
  compact["timestamp"] = "20130524T000000Z";
  CHECK(*sign_json_line(compact.dump()) == *sign_json_line(example().dump()));
}

TEST_CASE("a presigned request in JSON gives the whole query") {
  json request = example();
  request["headers"] = pairs({{"host", "examplebucket.s3.amazonaws.com"}});
  request["payload_hash"] = "UNSIGNED-PAYLOAD";
  request["flags"] = {{"presign", true}, {"expires", 86400}};
  const auto line = sign_json_line(request.dump());
  REQUIRE(line.ok());
  const json out = json::parse(*line);
  CHECK(out["query"].get<std::string>().ends_with(
      "&X-Amz-SignedHeaders=host&X-Amz-Signature="
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
  CHECK_FALSE(out.contains("authorization"));
}

TEST_CASE("flags switch off what only S3 wants") {
  json request = example();
  request["path"] = "/a/../b";
  request["credentials"]["session_token"] = "token";
  request["flags"] = {{"normalize", true}, {"sign_body", false}, {"omit_session_token", true}};
  const json out = json::parse(*sign_json_line(request.dump()));
  CHECK(out["path"] == "/b");
  const auto canonical = out["canonical_request"].get<std::string>();
  CHECK(canonical.find("x-amz-content-sha256") == std::string::npos);
  CHECK(canonical.find("x-amz-security-token") == std::string::npos);
  CHECK(out["headers"].dump().find("x-amz-security-token") != std::string::npos);
}

TEST_CASE("a malformed line says what is wrong and never repeats a value") {
  const auto changed = [](const char* name, const json& value) {
    json request = example();
    request[name] = value;
    return request.dump();
  };
  const auto lacking = [](const char* name) {
    json request = example();
    request.erase(name);
    return request.dump();
  };
  CHECK(message_of("") == "the line is not JSON: malformed at byte 1");
  CHECK(message_of("{\"secret\": \"wJalrXUtnFEMI\" oops}").starts_with("the line is not JSON"));
  CHECK(message_of("\"\xFF\"").starts_with("the line is not JSON"));
  CHECK(message_of("[]") == "the line is not a JSON object");
  CHECK(message_of(std::string(1024 * 1024 + 1, ' ')) == "the line is over 1 MiB");
  CHECK(message_of(std::string(500'000, '[')).starts_with("the line is not JSON"));
  CHECK(message_of(lacking("method")) == "method is missing");
  CHECK(message_of(lacking("credentials")) == "credentials is not an object");
  CHECK(message_of(changed("path", 7)) == "path is not a string");
  CHECK(message_of(changed("path", "x")) == "cannot sign a path that does not start with '/'");
  CHECK(message_of(changed("query", pairs({{"a"}}))).starts_with("query is not a list of"));
  CHECK(message_of(changed("query", json::array({json::array({"a", 1})})))
            .starts_with("query is not a list of"));
  CHECK(message_of(changed("headers", pairs({{"host", "x", "y"}})))
            .starts_with("headers is not a list"));
  CHECK(message_of(changed("headers", json::array())) ==
        "cannot sign a request without a host header");
  CHECK(message_of(changed("timestamp", "yesterday")).starts_with("timestamp is neither"));
  CHECK(message_of(changed("pathh", "x")).starts_with("the request has a member that is none of"));
  CHECK(message_of(changed("credentials", {{"access_key_id", "x"}})) ==
        "secret_access_key is missing");
  CHECK(message_of(changed("flags", {{"presign", 1}})) == "flags.presign is not true or false");
  CHECK(message_of(changed("flags", {{"presign", true}})) ==
        "flags.expires is not a number of seconds");
  CHECK(message_of(changed("flags", {{"presign", true}, {"expires", -1}})) ==
        "flags.expires is not a number of seconds");
  CHECK(message_of(changed("flags", {{"presign", true}, {"expires", 18446744073709551615ULL}})) ==
        "a presigned URL is good for 1 second to 7 days");
  CHECK(message_of(changed("flags", {{"expires", 60}})) == "flags.expires needs flags.presign");
}

TEST_CASE("a name with a NUL or any unicode is signed as its bytes") {
  json request = example();
  request["path"] = std::string("/a\0😀", 7);
  const auto line = sign_json_line(request.dump());
  REQUIRE(line.ok());
  CHECK(json::parse(*line)["path"] == "/a%00%F0%9F%98%80");
}

TEST_CASE("the examples in the README are what comes out") {
  std::ifstream in(DEPLOYFLOW_STORE_README);
  REQUIRE(in.is_open());
  int examples = 0;
  std::string request;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("{\"method\"")) {
      request = line;
    } else if (line.starts_with("{\"") && !request.empty()) {
      const auto answer = sign_json_line(request);
      REQUIRE(answer.ok());
      CHECK(*answer == line);
      request.clear();
      ++examples;
    }
  }
  CHECK(examples == 2);
}
