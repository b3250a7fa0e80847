#include "plugins/host/store/credentials/make_credentials.hpp"
#include "tests/unit/store/credentials/fake_fetch.hpp"
#include "tests/unit/store/signing/fake_environment.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

using namespace deployflow;
using namespace deployflow::store;

namespace {

using Answer = Result<std::optional<Credentials>>;

Answer ask(const std::shared_ptr<CredentialsSource>& source) {
  std::optional<Answer> got;
  source->get([&](Answer answer) { got.emplace(std::move(answer)); });
  REQUIRE(got.has_value());
  return *got;
}

// Nothing answers anywhere.
Answer ask(const Environment& environment, const std::string& profile = "") {
  TargetConfig target;
  target.profile = profile;
  ProviderTools tools;
  tools.environment = environment;
  tools.http = std::make_shared<FakeFetch>();
  return ask(make_credentials(target, tools));
}

Credentials found(const Answer& answer) {
  REQUIRE_MESSAGE(answer.ok(), answer.error().message);
  REQUIRE(answer->has_value());
  return **answer;
}

Error refusal(const Answer& answer) {
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == Errc::auth);
  CHECK(answer.error().message.find("canary") == std::string::npos);
  CHECK(answer.error().hint.find("canary") == std::string::npos);
  return answer.error();
}

constexpr const char* k_credentials =
    "[default]\naws_access_key_id = DEFAULTKEY\naws_secret_access_key = canary-default\n"
    "[mirror]\naws_access_key_id = MIRRORKEY\naws_secret_access_key = canary-mirror\n"
    "aws_session_token = canary-token\n";

const Variables k_keys{{"AWS_ACCESS_KEY_ID", "ENVKEY"}, {"AWS_SECRET_ACCESS_KEY", "canary-env"}};

}  // namespace

TEST_CASE("the environment comes before the default profile") {
  const Home home;
  home.write("credentials", k_credentials);
  const Credentials from_environment = found(ask(home.environment(k_keys)));
  CHECK(from_environment.key_id == "ENVKEY");
  CHECK(from_environment.secret.reveal() == "canary-env");
  CHECK(from_environment.session_token.empty());
  CHECK(from_environment.source == "the environment");
  const Credentials from_profile = found(ask(home.environment()));
  CHECK(from_profile.key_id == "DEFAULTKEY");
  CHECK(from_profile.source == "profile default in ~/.aws/credentials");
}

TEST_CASE("the environment also comes before AWS_PROFILE, but not before the target's profile") {
  const Home home;
  home.write("credentials", k_credentials);
  Variables variables = k_keys;
  variables["AWS_PROFILE"] = "mirror";
  CHECK(found(ask(home.environment({{"AWS_DEFAULT_PROFILE", "mirror"}}))).key_id == "MIRRORKEY");
  CHECK(found(ask(home.environment(variables))).key_id == "ENVKEY");
  CHECK(found(ask(home.environment({{"AWS_PROFILE", "mirror"}}))).key_id == "MIRRORKEY");
  const Credentials mirror = found(ask(home.environment(k_keys), "mirror"));
  CHECK(mirror.key_id == "MIRRORKEY");
  CHECK(mirror.session_token.reveal() == "canary-token");
}

TEST_CASE("blank variables count as unset") {
  const Home home;
  home.write("credentials", k_credentials);
  const Variables blank{{"AWS_ACCESS_KEY_ID", " "}, {"AWS_SECRET_ACCESS_KEY", ""}};
  CHECK(found(ask(home.environment(blank))).key_id == "DEFAULTKEY");
  Variables blank_token = k_keys;
  blank_token["AWS_SESSION_TOKEN"] = "\t";
  CHECK(found(ask(home.environment(blank_token))).session_token.empty());
}

TEST_CASE("half a key is an error, not a reason to look elsewhere") {
  const Home home;
  home.write("credentials", k_credentials);
  CHECK(refusal(ask(home.environment({{"AWS_ACCESS_KEY_ID", "K"}}))).message ==
        "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
  CHECK(refusal(ask(home.environment({{"AWS_SECRET_ACCESS_KEY", "canary"}}))).message ==
        "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
  home.write("credentials", "[default]\naws_secret_access_key = canary\n");
  home.write("config", "[default]\nregion = x\n");
  CHECK(refusal(ask(home.environment())).message.find("but not aws_access_key_id") !=
        std::string::npos);
}

TEST_CASE("no key anywhere names every place that was looked in") {
  const Home home;
  const Error error = refusal(ask(home.environment()));
  CHECK(error.message ==
        "no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; "
        "profile default is in neither ~/.aws/credentials nor ~/.aws/config; "
        "AWS_WEB_IDENTITY_TOKEN_FILE is not set; ACTIONS_ID_TOKEN_REQUEST_URL is not set; "
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not "
        "set; no instance metadata at http://169.254.169.254");
  CHECK_FALSE(error.hint.empty());
  const Variables moved{{"AWS_SHARED_CREDENTIALS_FILE", "/gone/keys"},
                        {"AWS_CONFIG_FILE", "~/gone"},
                        {"AWS_EC2_METADATA_DISABLED", "True"}};
  const std::string message = refusal(ask(home.environment(moved))).message;
  CHECK(message.find("profile default is in neither /gone/keys nor ~/gone;") != std::string::npos);
  CHECK(message.ends_with("instance metadata is off (AWS_EC2_METADATA_DISABLED)"));
  home.write("config", "[profile p]\nregion = eu-west-1\n");
  CHECK(refusal(ask(home.environment(), "p")).message ==
        "no credentials: profile p in ~/.aws/credentials or ~/.aws/config has no key and no way to "
        "get one");
}

TEST_CASE("a profile that does not exist is an error, also one that AWS_PROFILE names") {
  const Home home;
  home.write("credentials", k_credentials);
  CHECK(refusal(ask(home.environment(), "miror")).hint == "did you mean mirror?");
  CHECK(refusal(ask(home.environment({{"AWS_PROFILE", "gone"}}))).message ==
        "profile gone is in neither ~/.aws/credentials nor ~/.aws/config");
  // ... but the environment's key is asked first.
  Variables variables = k_keys;
  variables["AWS_PROFILE"] = "gone";
  CHECK(found(ask(home.environment(variables))).key_id == "ENVKEY");
}

TEST_CASE("keys in the config file count, and the message says where they stand") {
  const Home home;
  home.write("config",
             "[profile dev]\naws_access_key_id = CONFIGKEY\naws_secret_access_key = canary\n");
  CHECK(found(ask(home.environment(), "dev")).source == "profile dev in ~/.aws/config");
}

TEST_CASE("console login is refused by name, even beside static keys") {
  const Home home;
  home.write("config",
             "[profile p]\nlogin_session = x\naws_access_key_id = K\n"
             "aws_secret_access_key = canary\n");
  CHECK(refusal(ask(home.environment(), "p")).message.find("login_session") != std::string::npos);
}

TEST_CASE("a key that cannot stand in a header is refused before anything is sent") {
  const Home home;
  home.write("credentials",
             "[default]\naws_access_key_id = K\n X-Evil: 1\naws_secret_access_key = canary\n");
  CHECK(refusal(ask(home.environment())).message ==
        "profile default in ~/.aws/credentials: the access key id has a space or a character that "
        "no key has");
  Variables variables = k_keys;
  variables["AWS_SESSION_TOKEN"] = "canary\r\nx: y";
  CHECK(refusal(ask(home.environment(variables))).message.find("session token") !=
        std::string::npos);
  variables = k_keys;
  variables["AWS_SECRET_ACCESS_KEY"] = "canary ";
  CHECK(refusal(ask(home.environment(variables))).message.find("secret key") != std::string::npos);
}

TEST_CASE("a file that is malformed, too large or no file is an error that names it") {
  const Home home;
  home.write("credentials", "[default]\ncanary\n");
  CHECK(refusal(ask(home.environment())).message ==
        "~/.aws/credentials: line 2: expected an '=' sign defining a property");
  home.write("credentials", std::string(1024 * 1024 + 1, '#'));
  CHECK(refusal(ask(home.environment())).message.find("/.aws/credentials: 1048577 bytes") !=
        std::string::npos);
  const Variables folder{{"AWS_SHARED_CREDENTIALS_FILE", home.file("")}};
  CHECK_FALSE(refusal(ask(home.environment(folder))).message.empty());
  REQUIRE(::mkfifo(home.file("fifo").c_str(), 0600) == 0);
  const Variables fifo{{"AWS_SHARED_CREDENTIALS_FILE", home.file("fifo")}};
  CHECK(refusal(ask(home.environment(fifo))).message.find("fifo") != std::string::npos);
}

TEST_CASE("an anonymous target has no key and reads no file") {
  TargetConfig target;
  target.anonymous = true;
  ProviderTools tools;
  tools.environment = [](std::string_view) -> std::optional<std::string> {
    FAIL("the environment was asked");
    return {};
  };
  const auto source = make_credentials(target, tools);
  const Answer answer = ask(source);
  REQUIRE(answer.ok());
  CHECK_FALSE(answer->has_value());
  source->refused("K");
}

TEST_CASE("a home folder is found without HOME") {
  const Answer answer = ask(environment_of(k_keys));
  CHECK(found(answer).key_id == "ENVKEY");
}
