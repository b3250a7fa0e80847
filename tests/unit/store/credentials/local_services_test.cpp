// The services beside a machine or container, and SSO.

#include "plugins/host/store/credentials/local_url.hpp"
#include "plugins/host/store/credentials/sso.hpp"
#include "tests/unit/store/credentials/world.hpp"

using namespace deployflow;
using namespace deployflow::store;

TEST_CASE("a relative URI is asked of the container agent, by no proxy") {
  World world;
  world.variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x"}};
  world.answer([](const FetchRequest&, std::size_t) { return answer_of(200, json_key("ECS")); });
  const Credentials key = world.good();
  CHECK(key.key_id == "ECS");
  CHECK(key.session_token.reveal() == "canary-token");
  CHECK(key.source == "container credentials at http://169.254.170.2");
  CHECK(world.http->seen[0].url == "http://169.254.170.2/v2/credentials/x");
  CHECK(world.http->seen[0].proxy == FetchProxy::none);
  CHECK(header_of(world.http->seen[0], "authorization") == "(none)");
}

TEST_CASE("a token goes to https, to this machine and to AWS's agents, and nowhere else") {
  for (const char* url : {"https://x.example/a?b=c",
                          "http://127.0.0.1:80/a",
                          "http://127.9.9.9/",
                          "http://localhost/a?b",
                          "http://[::1]/",
                          "http://169.254.170.2/",
                          "http://169.254.170.23/v1/credentials",
                          "http://[fd00:ec2::23]/v1"}) {
    CAPTURE(url);
    CHECK(check_secret_url(url, "V").ok());
  }
  for (const char* url : {"http://x.example/",
                          "http://127.0.0.1.evil.example/",
                          "http://127.evil.example/",
                          "http://169.254.170.20/",
                          "http://169.254.170.2.evil.example/",
                          "http://169.254.169.254/",
                          "http://[fd00:ec2::24]/",
                          "http://localhost.evil.example/",
                          "http://localhost@evil.example/",
                          "http://2130706433/",
                          "http:/localhost/",
                          "ftp://localhost/",
                          "file:///etc/passwd",
                          "localhost",
                          "http://localhost/\r\nX: y",
                          "http://localhost /",
                          ""}) {
    CAPTURE(url);
    CHECK_FALSE(check_secret_url(url, "V").ok());
  }
}

TEST_CASE("a container's token comes from the file, read anew, before the variable") {
  World world;
  world.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/c"},
                     {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "from-variable"}};
  world.answer([](const FetchRequest&, std::size_t) { return answer_of(200, json_key("EKS")); });
  world.good();
  CHECK(header_of(world.http->seen[0], "authorization") == "from-variable");
  world.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = world.home.file("token");
  world.home.write("token", "one");
  world.good();
  world.home.write("token", "two");
  world.good();
  CHECK(header_of(world.http->seen[1], "authorization") == "one");
  CHECK(header_of(world.http->seen[2], "authorization") == "two");
  world.home.write("token", "canary\r\nX-Evil: 1");
  CHECK(world.wrong() ==
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is empty or has a line break in it");
  CHECK(world.http->seen.size() == 3);
}

TEST_CASE(
    "a container's agent that refuses or talks nonsense is an error, and no metadata is tried") {
  World world;
  world.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/canary"}};
  for (const std::string& body : hostile_bodies()) {
    CAPTURE(body.substr(0, 200));
    world.answer([&](const FetchRequest&, std::size_t) { return answer_of(200, body); });
    world.wrong();
    CHECK(world.http->seen.size() == 1);
  }
  world.answer([](const FetchRequest&, std::size_t) {
    return answer_of(404, "{\"code\":\"ResourceNotFound\",\"message\":\"canary\"}");
  });
  CHECK(world.wrong() ==
        "container credentials at http://localhost: answered 404 ResourceNotFound");
  world.http = std::make_shared<FakeFetch>();
  CHECK(world.wrong() == "container credentials: nobody there");
  CHECK(world.http->seen.size() == 3);  // attempts
}

TEST_CASE("a machine's key is had by a token, the role's name and the key") {
  World world;
  world.answer([](const FetchRequest& request, std::size_t number) {
    if (number == 1) {
      return answer_of(200, "canary-ticket");
    }
    return answer_of(200, request.url.ends_with("/my-role") ? json_key("EC2") : "my-role\n");
  });
  const Credentials key = world.good();
  CHECK(key.key_id == "EC2");
  CHECK(key.source == "role my-role of instance metadata at http://169.254.169.254");
  const auto& seen = world.http->seen;
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].method == "PUT");
  CHECK(seen[0].url == "http://169.254.169.254/latest/api/token");
  CHECK(header_of(seen[0], "x-aws-ec2-metadata-token-ttl-seconds") == "21600");
  CHECK(seen[1].url == "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  CHECK(header_of(seen[2], "x-aws-ec2-metadata-token") == "canary-ticket");
  for (const FetchRequest& one : seen) {
    CHECK(one.proxy == FetchProxy::none);
    CHECK(one.timeout <= std::chrono::seconds(2));
    CHECK(one.connect_timeout <= std::chrono::seconds(1));
  }
}

TEST_CASE("a machine without metadata or role is no error, and version 1 is never asked") {
  World world;
  for (const int status : {400, 403, 404, 405, 500}) {
    world.answer([&](const FetchRequest&, std::size_t) { return answer_of(status, "canary"); });
    CHECK(world.wrong().ends_with("asked for a token"));
    CHECK(world.http->seen.size() == 1);
  }
  world.answer([](const FetchRequest&, std::size_t number) {
    return number == 1 ? answer_of(200, "ticket") : answer_of(404, "");
  });
  CHECK(world.wrong().ends_with("answered 404 when asked for the machine's role"));
}

TEST_CASE("metadata that talks nonsense is an error without its text") {
  World world;
  for (const std::string& body : hostile_bodies()) {
    CAPTURE(body.substr(0, 200));
    world.answer([&](const FetchRequest&, std::size_t number) {
      return number == 1   ? answer_of(200, "ticket")
             : number == 2 ? answer_of(200, "role")
                           : answer_of(200, body);
    });
    world.wrong();
  }
  for (const char* role : {"../../x", "a/b", "", " ", "<html>", ".."}) {
    world.answer([&](const FetchRequest&, std::size_t number) {
      return answer_of(200, number == 1 ? "ticket" : role);
    });
    CHECK(world.wrong().ends_with("the name of the machine's role is not one"));
    CHECK(world.http->seen.size() == 2);
  }
  world.answer([&](const FetchRequest&, std::size_t) { return answer_of(200, "canary\r\nX: y"); });
  CHECK(world.wrong().ends_with("the token is not one"));
}

TEST_CASE("metadata can be switched off, moved and asked by IPv6") {
  World world;
  world.variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"}};
  world.wrong();
  CHECK(world.http->seen.at(0).url == "http://[fd00:ec2::254]/latest/api/token");
  world.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:5/base/";
  world.wrong();
  CHECK(world.http->seen.at(1).url == "http://127.0.0.1:5/base/latest/api/token");
  world.variables["AWS_EC2_METADATA_DISABLED"] = "true";
  world.wrong();
  CHECK(world.http->seen.size() == 2);
  world.variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "carrier pigeon"}};
  CHECK(world.wrong() == "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6");
}

TEST_CASE("a profile asks the source that it names, and no other") {
  World world;
  world.home.write("config",
                   "[profile ec2]\nrole_arn = r\ncredential_source = Ec2InstanceMetadata\n"
                   "[profile ecs]\nrole_arn = r\ncredential_source = EcsContainer\n");
  CHECK(world.wrong("ec2") ==
        "the credential_source of profile ec2 has no key: no instance metadata at "
        "http://169.254.169.254");
  CHECK(has(world.wrong("ecs"), "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"));
  world.variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"}};
  world.answer([](const FetchRequest& request, std::size_t) {
    return answer_of(200,
                     request.method == "POST" ? sts_answer("AssumeRole", "R") : json_key("ECS"));
  });
  CHECK(world.good("ecs").key_id == "R");
  CHECK(has(header_of(world.http->seen[1], "authorization"), "Credential=ECS/"));
}

namespace {

constexpr const char* k_sso =
    "[profile new]\nsso_session = s\nsso_account_id = 12\nsso_role_name = my role\n"
    "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x\n"
    "[profile old]\nsso_start_url = https://x\nsso_region = eu-west-1\nsso_account_id = 12\n"
    "sso_role_name = r\n";
// SHA-1 of "s" and of "https://x", by sha1sum.
constexpr const char* k_new_file = "sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json";

void write_token(const World& world, const std::string& name, const std::string& text) {
  std::filesystem::create_directories(world.home.file("sso/cache"));
  world.home.write(name, text);
}

}  // namespace

TEST_CASE("the token of a login is exchanged for a key at the portal") {
  World world;
  world.home.write("config", k_sso);
  write_token(world,
              k_new_file,
              "{\"accessToken\":\"canary-login\",\"expiresAt\":\"2025-11-20T23:00:00Z\"}");
  world.answer([](const FetchRequest&, std::size_t) {
    return answer_of(200,
                     "{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":\"canary\","
                     "\"sessionToken\":\"canary-token\",\"expiration\":1763681600000}}");
  });
  const Credentials key = world.good("new");
  CHECK(key.key_id == "SSO");
  CHECK(format_iso(*key.expires) == "2025-11-20T23:33:20Z");
  CHECK(world.http->seen[0].url ==
        "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?account_id=12&"
        "role_name=my%20role");
  CHECK(header_of(world.http->seen[0], "x-amz-sso_bearer_token") == "canary-login");
  // The older way of writing it has another file.
  SsoRole old;
  old.start_url = "https://x";
  write_token(world,
              sso_token_path(old).substr(7),
              "{\"accessToken\":\"t\",\"expiresAt\":\"2025-11-20T23:00:00UTC\"}");
  CHECK(has(world.wrong("old"), "has no token in it"));
  write_token(world,
              sso_token_path(old).substr(7),
              "{\"accessToken\":\"t\",\"expiresAt\":\"2025-11-20T23:00:00Z\"}");
  CHECK(world.good("old").key_id == "SSO");
}

TEST_CASE("a login that is missing, expired or refused says which command to run") {
  World world;
  world.home.write("config", k_sso);
  CHECK(has(world.wrong("new"), "nobody has logged in"));
  CHECK(world.hint == "run `aws sso login --sso-session s`");
  world.wrong("old");
  CHECK(world.hint == "run `aws sso login --profile old`");
  write_token(world,
              k_new_file,
              "{\"accessToken\":\"canary-login\",\"expiresAt\":\"2025-11-20T22:00:00Z\"}");
  CHECK(world.wrong("new") == "SSO of profile new: the login expired at 2025-11-20T22:00:00Z");
  CHECK(world.http->seen.empty());
  write_token(world,
              k_new_file,
              "{\"accessToken\":\"canary-login\",\"expiresAt\":\"2025-11-20T23:00:00Z\"}");
  world.answer([](const FetchRequest&, std::size_t) { return answer_of(401, "canary"); });
  CHECK(has(world.wrong("new"), "the portal does not take the login any more"));
  CHECK(world.hint == "run `aws sso login --sso-session s`");
  for (const std::string& body : hostile_bodies()) {
    world.answer([&](const FetchRequest&, std::size_t) { return answer_of(200, body); });
    CHECK(has(world.wrong("new"), "not the JSON expected"));
    world.answer([&](const FetchRequest&, std::size_t) {
      return answer_of(200, "{\"roleCredentials\":" + body + "}");
    });
    world.wrong("new");
    write_token(world, k_new_file, body);
    world.wrong("new");
    write_token(world,
                k_new_file,
                "{\"accessToken\":\"canary-login\",\"expiresAt\":\"2025-11-20T23:00:00Z\"}");
  }
}

TEST_CASE("an SSO profile without account and role cannot sign for a store") {
  World world;
  world.home.write("config",
                   "[profile p]\nsso_session = s\n[sso-session s]\nsso_region = eu-west-1\n"
                   "sso_start_url = u\n");
  CHECK(world.wrong("p") == "profile p uses SSO, but has no sso_account_id and sso_role_name");
}
