#include "plugins/host/store/credentials/profile_file.hpp"

#include "tests/unit/store/signing/shared_data.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

using namespace deployflow;
using namespace deployflow::store;
using nlohmann::json;

namespace {

ProfileFile config_of(std::string_view text) {
  auto out = parse_profile_file(text, ProfileFileKind::config);
  REQUIRE_MESSAGE(out.ok(), out.error().message);
  return std::move(*out);
}

std::string refusal(std::string_view text) {
  const auto out = parse_profile_file(text, ProfileFileKind::config);
  REQUIRE_FALSE(out.ok());
  CHECK(out.error().code == Errc::auth);
  return out.error().message;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

// Both files, parsed and merged; the message of the one that is malformed.
Result<ProfileFile> parse_both(const json& input) {
  TRY_ASSIGN(ProfileFile config,
             parse_profile_file(input.value("configFile", ""), ProfileFileKind::config));
  TRY_ASSIGN(const ProfileFile credentials,
             parse_profile_file(input.value("credentialsFile", ""), ProfileFileKind::credentials));
  return merge_profile_files(std::move(config), credentials);
}

}  // namespace

TEST_CASE("profiles, comments, blanks and line ends are read as AWS's tools read them") {
  const ProfileFile file = config_of(
      "\xEF\xBB\xBF# first\r\n"
      "[default] ; the usual\r\n"
      "Region = eu-west-1 # home\r\n"
      "\t \r\n"
      "[ profile \tdev ]\n"
      "region=us-east-1;not-a-comment\n"
      "empty =\n");
  CHECK(file.profiles.at("default").at("region") == "eu-west-1");
  CHECK(file.profiles.at("dev").at("region") == "us-east-1;not-a-comment");
  CHECK(file.profiles.at("dev").at("empty").empty());
}

TEST_CASE("a section's kind is told by its first word, and only in config files") {
  const std::string text =
      "[profile a]\nx = 1\n[sso-session b]\nx = 2\n[services c]\nx = 3\n[other d]\nx = 4\n[e]\nx = "
      "5\n";
  const ProfileFile config = config_of(text);
  CHECK(config.profiles.size() == 1);
  CHECK(config.sso_sessions.at("b").at("x") == "2");
  CHECK(config.services.at("c").at("x") == "3");
  const auto credentials = parse_profile_file(text, ProfileFileKind::credentials);
  REQUIRE(credentials.ok());
  CHECK(credentials->profiles.size() == 1);
  CHECK(credentials->profiles.at("e").at("x") == "5");
  CHECK(credentials->services.empty());
}

TEST_CASE("nested properties are found by name, the last one wins") {
  const ProfileFile file = config_of(
      "[services local]\n"
      "s3 =\n"
      "  endpoint_url = http://first\n"
      "\n"
      "  Endpoint_URL = http://h:9000\n"
      "dynamodb =\n"
      "  endpoint_url = http://other\n");
  const std::string& s3 = file.services.at("local").at("s3");
  CHECK(nested_property(s3, "endpoint_url") == "http://h:9000");
  CHECK_FALSE(nested_property(s3, "region").has_value());
  CHECK_FALSE(nested_property("", "region").has_value());
}

TEST_CASE("[profile default] hides [default], before and after it") {
  for (const char* text : {"[default]\na = 1\n[profile default]\nb = 2\n",
                           "[profile default]\nb = 2\n[default]\na = 1\n"}) {
    const Properties found = config_of(text).profiles.at("default");
    CHECK(found == Properties{{"b", "2"}});
  }
  CHECK(config_of("[default]\na = 1\n[profile default]\n").profiles.at("default").empty());
}

TEST_CASE("on the same property the credentials file wins") {
  const auto merged = parse_both({{"configFile", "[profile a]\nx = config\ny = config\n"},
                                  {"credentialsFile", "[a]\nx = credentials\n[b]\n"}});
  REQUIRE(merged.ok());
  CHECK(merged->profiles.at("a") == Properties{{"x", "credentials"}, {"y", "config"}});
  CHECK(merged->profiles.count("b") == 1);
}

TEST_CASE("a malformed line is named by number, without its text") {
  CHECK(refusal("a = canary") == "line 1: expected a profile definition");
  CHECK(refusal("\n canary") == "line 2: expected a profile definition, found continuation");
  CHECK(refusal("[profile a]\n canary") ==
        "line 2: expected a property definition, found continuation");
  CHECK(refusal("[profile a]\nx = 1\n[profile a]\n canary") ==
        "line 4: expected a property definition, found continuation");
  CHECK(refusal("[profile canary") == "line 1: profile definition must end with ']'");
  CHECK(refusal("[") == "line 1: profile definition must end with ']'");
  CHECK(refusal("[profile a]\ncanary") == "line 2: expected an '=' sign defining a property");
  CHECK(refusal("[profile a]\n= canary") == "line 2: property did not have a name");
  CHECK(refusal("[profile a]\ns3 =\n canary") ==
        "line 3: expected an '=' sign defining a sub-property");
  CHECK(refusal("[profile a]\ns3 =\n = canary") == "line 3: sub-property did not have a name");
}

TEST_CASE("properties of a section with an invalid name are left out, their continuations too") {
  const ProfileFile file =
      config_of("[profile in valid]\nx = 1\n more\n[profile b]\nin valid = 1\n two\ny = 2\n");
  CHECK(file.profiles == Sections{{"b", {{"y", "2"}}}});
}

TEST_CASE("a value goes on over indented lines, comments and all") {
  const ProfileFile file = config_of("[profile a]\nx = 1\n \t two # too \n\n three\ny = 4\n");
  CHECK(file.profiles.at("a") == Properties{{"x", "1\ntwo # too\nthree"}, {"y", "4"}});
}

TEST_CASE("odd bytes and large files end in an answer") {
  CHECK(config_of(std::string("[profile a]\nx = \0\xFF\n", 19)).profiles.size() == 1);
  CHECK(config_of("[]\n[profile ]\n[profile]\n").profiles.empty());
  std::string text = "[profile a]\nx = 1\n";
  while (text.size() < 1'000'000) {
    text += " continued\n";
  }
  CHECK(config_of(text).profiles.at("a").at("x").size() > 900'000);
}

TEST_CASE("every case of AWS's profile parser tests comes out equal") {
  const auto path = shared_data("credentials/profile-parser-tests.json");
  if (!path) {
    MESSAGE("skipped: no credentials/profile-parser-tests.json in DEPLOYFLOW_SHARED_DATA");
    return;
  }
  const json cases = json::parse(read_text(*path))["tests"];
  CHECK(cases.size() == 65);
  for (const json& one : cases) {
    const std::string name = one["name"];
    CAPTURE(name);
    const json& output = one["output"];
    const auto got = parse_both(one["input"]);
    if (output.contains("errorContaining")) {
      REQUIRE_FALSE(got.ok());
      CHECK(lower(got.error().message).find(lower(output["errorContaining"])) != std::string::npos);
      continue;
    }
    REQUIRE(got.ok());
    CHECK(json(got->profiles) == output["config"]["profiles"]);
    if (output["config"].contains("sso_sessions")) {
      // Sections that are there but empty compare as absent, as the cases have them.
      CHECK((got->sso_sessions.empty() ? json::object() : json(got->sso_sessions)) ==
            output["config"]["sso_sessions"]);
    }
  }
}
