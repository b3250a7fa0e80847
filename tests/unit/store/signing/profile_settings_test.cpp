#include "plugins/host/store/credentials/profile_settings.hpp"

#include "tests/unit/store/signing/fake_environment.hpp"

#include <doctest/doctest.h>

using namespace deployflow;
using namespace deployflow::store;

namespace {

constexpr const char* k_config =
    "[default]\nregion = eu-west-1\n"
    "[profile dev]\nregion = garage\nendpoint_url = http://general\nservices = local\n"
    "ignore_configured_endpoint_urls = true\n"
    "[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:9000\n"
    "[profile broken]\nservices = nowhere\n";

}  // namespace

TEST_CASE("settings come from the profile asked for, then AWS_PROFILE, then default") {
  const Home home;
  home.write("config", k_config);
  const auto dev = profile_settings("dev", home.environment({{"AWS_PROFILE", "broken"}}));
  REQUIRE(dev.ok());
  CHECK(dev->profile == "dev");
  CHECK(dev->region == "garage");
  CHECK(dev->endpoint_url == "http://general");
  CHECK(dev->s3_endpoint_url == "http://127.0.0.1:9000");
  CHECK(dev->ignore_configured_endpoint_urls == true);
  CHECK(profile_settings("", home.environment({{"AWS_PROFILE", "dev"}}))->region == "garage");
  CHECK(profile_settings("", home.environment())->region == "eu-west-1");
  CHECK(profile_settings("", home.environment({{"AWS_PROFILE", " "}}))->profile == "default");
}

TEST_CASE("no files at all are no settings") {
  const Home home;
  const auto none = profile_settings("", home.environment());
  REQUIRE(none.ok());
  CHECK(none->profile == "default");
  CHECK(none->region.empty());
}

TEST_CASE("a profile or services section that does not exist is an error that says so") {
  const Home home;
  home.write("config", k_config);
  const auto missing = profile_settings("dew", home.environment());
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Errc::auth);
  CHECK(missing.error().message ==
        "profile dew is in neither ~/.aws/credentials nor ~/.aws/config");
  CHECK(missing.error().hint == "did you mean dev?");
  const auto broken = profile_settings("broken", home.environment());
  REQUIRE_FALSE(broken.ok());
  CHECK(broken.error().message == "~/.aws/config has no section [services nowhere]");
}

TEST_CASE("variables move the files, and a tilde in them is the home folder") {
  const Home home;
  home.write("elsewhere", "[default]\nregion = moved-1\n");
  CHECK(profile_settings("", home.environment({{"AWS_CONFIG_FILE", home.file("elsewhere")}}))
            ->region == "moved-1");
  CHECK(profile_settings("", home.environment({{"AWS_CONFIG_FILE", "~/.aws/elsewhere"}}))->region ==
        "moved-1");
  home.write("config", k_config);
  CHECK(profile_settings("", home.environment({{"AWS_CONFIG_FILE", "/dev/null"}}))->region.empty());
}

TEST_CASE("how often to try comes from the variable, then the profile, then the caller") {
  const Home home;
  home.write("config", "[default]\nmax_attempts = 7\n");
  const auto settings = profile_settings("", home.environment());
  REQUIRE(settings.ok());
  CHECK(*resolve_attempts(environment_of({}), {}, 5) == 5);
  CHECK(*resolve_attempts(environment_of({}), *settings, 5) == 7);
  CHECK(*resolve_attempts(environment_of({{"AWS_MAX_ATTEMPTS", "2"}}), *settings, 5) == 2);
  for (const char* text : {"0", "-1", "x", "3x", "1001"}) {
    const auto wrong = resolve_attempts(environment_of({{"AWS_MAX_ATTEMPTS", text}}), {}, 5);
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().code == Errc::config);
    CHECK(wrong.error().message == "AWS_MAX_ATTEMPTS is not a number from 1 to 1000");
  }
}

TEST_CASE("the CA file comes from the target, then AWS_CA_BUNDLE, then the profile") {
  const Home home;
  home.write("config", "[default]\nca_bundle = /profile.pem\n");
  const auto settings = profile_settings("", home.environment());
  REQUIRE(settings.ok());
  const Environment variable = environment_of({{"AWS_CA_BUNDLE", "/variable.pem"}});
  CHECK(resolve_ca_file("/target.pem", variable, *settings) == "/target.pem");
  CHECK(resolve_ca_file("", variable, *settings) == "/variable.pem");
  CHECK(resolve_ca_file("", environment_of({{"AWS_CA_BUNDLE", " "}}), *settings) == "/profile.pem");
  CHECK(resolve_ca_file("", environment_of({}), {}).empty());
}
