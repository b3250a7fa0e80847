#include "plugins/host/store/credentials/profile_chain.hpp"

#include "tests/unit/store/signing/shared_data.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace deployflow;
using namespace deployflow::store;
using nlohmann::json;

namespace {

Profiles profiles_of(std::string_view config) {
  auto parsed = parse_profile_file(config, ProfileFileKind::config);
  REQUIRE(parsed.ok());
  Profiles out;
  out.merged = std::move(*parsed);
  out.config_path = "~/.aws/config";
  out.credentials_path = "~/.aws/credentials";
  return out;
}

std::string wrong(std::string_view config, const std::string& name = "A") {
  const auto chain = resolve_profile_chain(profiles_of(config), name);
  REQUIRE_FALSE(chain.ok());
  CHECK(chain.error().code == Errc::auth);
  return chain.error().message;
}

void put(json& out, const char* name, const std::string& value) {
  if (!value.empty()) {
    out[name] = value;
  }
}

// In the spelling of the public cases.
json shown(const KeyBase& base) {
  json out = json::object();
  if (const auto* keys = std::get_if<StaticKeys>(&base)) {
    put(out, "access_key_id", keys->key_id);
    put(out, "secret_access_key", keys->secret.reveal());
    return {{"AccessKey", out}};
  }
  if (const auto* source = std::get_if<NamedSource>(&base)) {
    static constexpr const char* k_names[] = {"Environment", "Ec2InstanceMetadata", "EcsContainer"};
    return {{"NamedSource", k_names[static_cast<int>(*source)]}};
  }
  if (const auto* identity = std::get_if<WebIdentity>(&base)) {
    put(out, "role_arn", identity->role_arn);
    put(out, "web_identity_token_file", identity->token_file);
    put(out, "role_session_name", identity->session_name);
    return {{"WebIdentityToken", out}};
  }
  if (const auto* process = std::get_if<KeyProcess>(&base)) {
    return {{"CredentialProcess", process->command}};
  }
  const auto& sso = std::get<SsoRole>(base);
  put(out, "sso_session", sso.session);
  put(out, "sso_start_url", sso.start_url);
  put(out, "sso_region", sso.region);
  put(out, "sso_account_id", sso.account_id);
  put(out, "sso_role_name", sso.role_name);
  return {{"Sso", out}};
}

json shown(const ProfileChain& chain) {
  json out = json::array({shown(chain.base)});
  for (const RoleStep& role : chain.roles) {
    json step = json::object();
    put(step, "role_arn", role.role_arn);
    put(step, "role_session_name", role.session_name);
    put(step, "external_id", role.external_id);
    out.push_back({{"AssumeRole", step}});
  }
  return out;
}

void add(Sections& into, const json& from) {
  for (const auto& section : from.items()) {
    into.try_emplace(section.key());
    for (const auto& property : section.value().items()) {
      into[section.key()][property.key()] = property.value().get<std::string>();
    }
  }
}

}  // namespace

TEST_CASE("the public cases of role chains come out as AWS's SDKs have them") {
  const auto path = shared_data("credentials/assume-role-tests.json");
  if (!path) {
    MESSAGE("skipped: there are no public vectors beside the repository");
    return;
  }
  const json cases = json::parse(read_text(*path));
  CHECK(cases.size() >= 28);
  for (const json& one : cases) {
    CAPTURE(one.dump());
    Profiles profiles;
    add(profiles.merged.profiles, one["input"]["profiles"]);
    add(profiles.merged.sso_sessions, one["input"].value("sso_sessions", json::object()));
    const auto chain =
        resolve_profile_chain(profiles, one["input"]["selected_profile"].get<std::string>());
    json expected = one["output"];
    if (expected.contains("Error")) {
      // "no credential information" is not an error yet: another provider may have some.
      CHECK((!chain.ok() || !*chain));
      continue;
    }
    for (json& step : expected["ProfileChain"]) {
      if (step.contains("AccessKey")) {
        step["AccessKey"].erase("account_id");  // of no use to a store
      }
    }
    REQUIRE_MESSAGE(chain.ok(), chain.error().message);
    REQUIRE(chain->has_value());
    CHECK(shown(**chain) == expected["ProfileChain"]);
  }
}

TEST_CASE("roles are assumed from the far end of the chain to the selected profile") {
  const auto chain = resolve_profile_chain(
      profiles_of("[profile A]\nrole_arn = ra\nsource_profile = B\nexternal_id = x\n"
                  "duration_seconds = 900\nrole_session_name = s\n"
                  "[profile B]\nrole_arn = rb\nsource_profile = C\n"
                  "[profile C]\naws_access_key_id = K\naws_secret_access_key = S\n"),
      "A");
  REQUIRE(chain.ok());
  REQUIRE(chain->has_value());
  REQUIRE((*chain)->roles.size() == 2);
  CHECK((*chain)->roles[0].role_arn == "rb");
  CHECK((*chain)->roles[1].role_arn == "ra");
  CHECK((*chain)->roles[1].external_id == "x");
  CHECK((*chain)->roles[1].session_name == "s");
  CHECK((*chain)->roles[1].duration_seconds == 900U);
  CHECK(std::get<StaticKeys>((*chain)->base).key_id == "K");
}

TEST_CASE("a circle of source profiles is found, however long") {
  CHECK(wrong("[profile A]\nrole_arn = r\nsource_profile = B\n"
              "[profile B]\nrole_arn = r\nsource_profile = C\n"
              "[profile C]\nrole_arn = r\nsource_profile = B\n") ==
        "profile A gets its key in a circle: source_profile leads back to B");
}

TEST_CASE("a role that asks for an MFA code is refused, since deployflow never asks") {
  CHECK(wrong("[profile A]\nrole_arn = r\nsource_profile = B\nmfa_serial = arn:mfa\n"
              "[profile B]\naws_access_key_id = K\naws_secret_access_key = S\n") ==
        "profile A needs a code of an MFA device (mfa_serial), and deployflow never asks");
}

TEST_CASE("a duration outside of what STS takes is refused") {
  for (const char* text : {"899", "43201", "x", "-1", "900s"}) {
    CHECK(wrong(std::string("[profile A]\nrole_arn = r\nsource_profile = B\nduration_seconds = ") +
                text + "\n[profile B]\naws_access_key_id = K\naws_secret_access_key = S\n") ==
          "profile A has a duration_seconds that is not a number from 900 to 43200");
  }
}

TEST_CASE("what is wrong is said with the profile and the property") {
  CHECK(wrong("[profile A]\nrole_arn = r\nsource_profile = gone\n") ==
        "profile A has the source_profile gone, which there is not");
  CHECK(wrong("[profile A]\nrole_arn = r\n") ==
        "profile A has a role_arn, but neither source_profile nor credential_source");
  CHECK(wrong("[profile A]\nrole_arn = r\nsource_profile = B\ncredential_source = Environment\n") ==
        "profile A has both source_profile and credential_source");
  CHECK(wrong("[profile A]\nrole_arn = r\nsource_profile = B\n[profile B]\nregion = x\n") ==
        "profile B is the source_profile of A, but has no key");
  CHECK(wrong("[profile A]\nrole_arn = r\nsource_profile = A\n") ==
        "profile A is its own source_profile, but has no key");
  CHECK(wrong("[profile A]\nrole_arn = r\ncredential_source = Magic\n") ==
        "profile A has a credential_source that is none of Environment, Ec2InstanceMetadata and "
        "EcsContainer: Magic");
  CHECK(wrong("[profile A]\nsso_session = oops\n") ==
        "profile A names [sso-session oops], which is not in ~/.aws/config");
  CHECK(wrong("[profile A]\nsso_start_url = u\nsso_account_id = 1\nsso_role_name = r\n") ==
        "profile A uses SSO, but has no sso_region");
}

TEST_CASE("a profile may repeat what its sso-session says, and not contradict it") {
  const std::string session = "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = u\n";
  const auto same = resolve_profile_chain(
      profiles_of("[profile A]\nsso_session = s\nsso_region = eu-west-1\n" + session), "A");
  REQUIRE(same.ok());
  CHECK(std::get<SsoRole>((*same)->base).region == "eu-west-1");
  CHECK(wrong("[profile A]\nsso_session = s\nsso_region = eu-west-2\n" + session)
            .starts_with("profile A needs sso_region in the [sso-session s]"));
}

TEST_CASE("static keys go before credential_process, and SSO before both") {
  const std::string keys = "aws_access_key_id = K\naws_secret_access_key = S\n";
  const std::string process = "credential_process = /bin/x\n";
  const auto base = [&](const std::string& text) {
    auto chain = resolve_profile_chain(profiles_of("[profile A]\n" + text), "A");
    REQUIRE(chain.ok());
    REQUIRE(chain->has_value());
    return (*chain)->base;
  };
  CHECK(std::holds_alternative<StaticKeys>(base(keys + process)));
  CHECK(std::holds_alternative<KeyProcess>(base(process)));
  CHECK(std::holds_alternative<SsoRole>(
      base(keys + process +
           "sso_start_url = u\nsso_region = r\nsso_account_id = 1\nsso_role_name = r\n")));
}
