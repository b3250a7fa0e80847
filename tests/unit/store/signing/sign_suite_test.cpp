// AWS's signing test suite, in header and query form, each intermediate step compared.

#include "plugins/host/store/sign.hpp"
#include "tests/unit/store/signing/shared_data.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace deployflow;
using namespace deployflow::store;
using nlohmann::json;

namespace {

// "name=value&..." as the suite's requests have it: partly encoded, partly raw.
std::vector<QueryPair> split_query(const std::string& text) {
  std::vector<QueryPair> out;
  std::stringstream in(text);
  for (std::string pair; std::getline(in, pair, '&');) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    out.emplace_back(
        *decode_percent(pair.substr(0, equals), Plus::literal),
        *decode_percent(equals < pair.size() ? pair.substr(equals + 1) : "", Plus::literal));
  }
  return out;
}

SigningInput read_request(const std::string& text) {
  SigningInput out;
  std::stringstream in(text);
  std::string line;
  std::getline(in, line);
  const std::size_t first = line.find(' ');
  const std::string target = line.substr(first + 1, line.rfind(' ') - first - 1);
  out.method = line.substr(0, first);
  const std::size_t mark = target.find('?');
  out.path = target.substr(0, mark);
  out.query =
      mark != std::string::npos ? split_query(target.substr(mark + 1)) : std::vector<QueryPair>();
  while (std::getline(in, line) && !line.empty()) {
    if (line.front() == ' ') {
      out.headers.back().second += "\n" + line;  // obsolete folding
      continue;
    }
    const std::size_t colon = line.find(':');
    out.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  std::string body{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  out.payload_hash = to_hex(sha256(body));
  return out;
}

struct Case {
  SigningInput input;
  Credentials credentials;
  Scope scope;
  SigningRules rules;
  std::chrono::seconds ttl;
};

Case read_case(const std::filesystem::path& folder) {
  const json context = json::parse(read_text(folder / "context.json"));
  const json& key = context["credentials"];
  using Rules = SigningRules;
  return {
      read_request(read_text(folder / "request.txt")),
      {.key_id = key["access_key_id"].get<std::string>(),
       .secret = Secret(key["secret_access_key"].get<std::string>()),
       .session_token = Secret(key.value("token", "")),
       .expires = {},
       .source = "the suite"},
      {*parse_time(context["timestamp"].get<std::string>()),
       context["region"].get<std::string>(),
       context["service"].get<std::string>()},
      {context["normalize"].get<bool>() ? Rules::Path::normalized : Rules::Path::as_given,
       context["sign_body"].get<bool>() ? Rules::PayloadHeader::send : Rules::PayloadHeader::omit,
       context.value("omit_session_token", false) ? Rules::Token::added_after
                                                  : Rules::Token::signed_too},
      std::chrono::seconds(context["expiration_in_seconds"].get<int>())};
}

void check_steps(const std::filesystem::path& folder, const std::string& form, const Signed& out) {
  CHECK(out.canonical_request == read_text(folder / (form + "-canonical-request.txt")));
  CHECK(out.string_to_sign == read_text(folder / (form + "-string-to-sign.txt")));
  CHECK(out.signature == read_text(folder / (form + "-signature.txt")));
}

}  // namespace

TEST_CASE("every case of AWS's signing test suite comes out equal, step by step") {
  const auto suite = shared_data("sigv4/aws-signing-test-suite/v4");
  if (!suite) {
    MESSAGE("skipped: no sigv4/aws-signing-test-suite in DEPLOYFLOW_SHARED_DATA");
    return;
  }
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*suite)) {
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    const Case one = read_case(entry.path());
    Signer signer;
    const auto signed_request = signer.sign(one.input, one.credentials, one.scope, one.rules);
    REQUIRE(signed_request.ok());
    check_steps(entry.path(), "header", *signed_request);
    const std::string expected = read_text(entry.path() / "header-signed-request.txt");
    CHECK(expected.find("Authorization:" + signed_request->authorization) != std::string::npos);

    const auto link = signer.presign(one.input, one.credentials, one.scope, one.ttl, one.rules);
    REQUIRE(link.ok());
    check_steps(entry.path(), "query", *link);
    ++cases;
  }
  CHECK(cases >= 38);
}

TEST_CASE("the suite's cases that S3 can meet need no path normalisation") {
  const auto suite = shared_data("sigv4/aws-signing-test-suite/v4");
  const auto table = shared_data("sigv4/s3-applicability.tsv");
  if (!suite || !table) {
    MESSAGE("skipped: no sigv4/s3-applicability.tsv in DEPLOYFLOW_SHARED_DATA");
    return;
  }
  std::stringstream in(read_text(*table));
  int cases = 0;
  for (std::string line; std::getline(in, line);) {
    std::stringstream columns(line);
    std::string name;
    std::string applies;
    std::getline(columns, name, '\t');
    std::getline(columns, applies, '\t');
    if (applies != "yes") {
      continue;
    }
    CAPTURE(name);
    Case one = read_case(*suite / name);
    one.rules.path = SigningRules::Path::as_given;
    Signer signer;
    const auto out = signer.sign(one.input, one.credentials, one.scope, one.rules);
    REQUIRE(out.ok());
    check_steps(*suite / name, "header", *out);
    ++cases;
  }
  CHECK(cases == 32);
}
