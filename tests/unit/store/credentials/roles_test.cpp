#include "tests/unit/store/credentials/world.hpp"

using namespace deployflow;
using namespace deployflow::store;

namespace {

constexpr const char* k_role_profile =
    "[profile A]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = B\nregion = eu-west-1\n"
    "external_id = e x\nduration_seconds = 3600\nrole_session_name = me\n"
    "[profile B]\naws_access_key_id = BASE\naws_secret_access_key = canary-base\n";

struct RoleWorld : World {
  RoleWorld() { home.write("config", k_role_profile); }
};

}  // namespace

TEST_CASE("a role is assumed by a signed POST to the regional endpoint of STS") {
  World world;
  world.home.write("config", k_role_profile);
  world.answer([](const FetchRequest&, std::size_t) {
    return answer_of(200, sts_answer("AssumeRole", "ROLEKEY"));
  });
  const Credentials key = world.good("A");
  CHECK(key.key_id == "ROLEKEY");
  CHECK(key.secret.reveal() == "canary-secret");
  CHECK(key.session_token.reveal() == "canary-token");
  CHECK(format_iso(*key.expires) == "2025-11-20T23:33:20Z");
  CHECK(key.source == "role arn:aws:iam::1:role/a of profile A");
  REQUIRE(world.http->seen.size() == 1);
  const FetchRequest& asked = world.http->seen[0];
  CHECK(asked.method == "POST");
  CHECK(asked.url == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(asked.body ==
        "Action=AssumeRole&DurationSeconds=3600&ExternalId=e%20x&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3A"
        "role%2Fa&RoleSessionName=me&Version=2011-06-15");
  CHECK(header_of(asked, "authorization")
            .starts_with("AWS4-HMAC-SHA256 Credential=BASE/20251120/eu-west-1/sts/aws4_request, "
                         "SignedHeaders=content-type;host;x-amz-date, Signature="));
}

TEST_CASE("each role of a chain is assumed with the key of the one before") {
  World world;
  world.home.write("config",
                   "[profile A]\nrole_arn = a\nsource_profile = B\n"
                   "[profile B]\nrole_arn = b\ncredential_source = Environment\n");
  world.variables = {{"AWS_ACCESS_KEY_ID", "ENV"}, {"AWS_SECRET_ACCESS_KEY", "canary"}};
  world.answer([](const FetchRequest& request, std::size_t) {
    return answer_of(200, sts_answer("AssumeRole", has(request.body, "RoleArn=b") ? "KB" : "KA"));
  });
  CHECK(world.good("A").key_id == "KA");
  REQUIRE(world.http->seen.size() == 2);
  CHECK(has(world.http->seen[0].body, "RoleArn=b&RoleSessionName=deployflow-1763678000"));
  CHECK(has(header_of(world.http->seen[0], "authorization"), "Credential=ENV/"));
  CHECK(has(header_of(world.http->seen[1], "authorization"), "Credential=KB/"));
  CHECK(header_of(world.http->seen[1], "x-amz-security-token") == "canary-token");
}

TEST_CASE("STS's own words are shown, escaped, without any secret that they repeat") {
  RoleWorld world;
  const auto refuse = [&](std::string message) {
    world.answer([message](const FetchRequest&, std::size_t) {
      return answer_of(403,
                       "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                       "<Message>" +
                           message + "</Message></Error></ErrorResponse>");
    });
    return world.wrong("A");
  };
  CHECK(refuse("not authorized to perform: sts:AssumeRole") ==
        "role arn:aws:iam::1:role/a of profile A: STS answered 403 AccessDenied: not authorized to "
        "perform: sts:AssumeRole");
  CHECK(has(refuse("\x1B[31mred"), "\\x1b[31mred"));
  CHECK(refuse("your secret is canary-base").ends_with("STS answered 403"));
  CHECK(refuse(std::string(100'000, 'x')).size() < 500);
}

TEST_CASE("STS is asked three times if it is in trouble, signed anew, and not if it refuses") {
  RoleWorld world;
  world.answer([](const FetchRequest&, std::size_t number) {
    return number < 3 ? answer_of(503, "") : answer_of(200, sts_answer("AssumeRole", "K"));
  });
  CHECK(world.good("A").key_id == "K");
  CHECK(world.waits ==
        std::vector{std::chrono::milliseconds(500), std::chrono::milliseconds(1000)});
  world.answer([](const FetchRequest&, std::size_t) { return answer_of(500, ""); });
  CHECK(world.wrong("A").ends_with("STS answered 500"));
  CHECK(world.http->seen.size() == 3);
  world.answer([](const FetchRequest&, std::size_t) { return answer_of(403, ""); });
  CHECK(world.wrong("A").ends_with("STS answered 403"));
  CHECK(world.http->seen.size() == 1);
}

TEST_CASE("an answer of STS that is no key is an error without its text") {
  RoleWorld world;
  std::vector<std::string> bodies = hostile_bodies();
  bodies.push_back("<AssumeRoleResponse/>");
  bodies.push_back(
      "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>K</AccessKeyId>"
      "<SecretAccessKey>canary</SecretAccessKey></Credentials></AssumeRoleResult>"
      "</AssumeRoleResponse>");
  bodies.push_back("junk " + sts_answer("AssumeRole", "K"));
  bodies.push_back(sts_answer("AssumeRoleWithWebIdentity", "K\n"));
  bodies.push_back(sts_answer("AssumeRole", "K&#10;X: y"));
  for (const std::string& body : bodies) {
    CAPTURE(body.substr(0, 200));
    world.answer([&](const FetchRequest&, std::size_t) { return answer_of(200, body); });
    CHECK(world.wrong("A").starts_with("role arn:aws:iam::1:role/a of profile A: "));
  }
}

TEST_CASE("STS is where the most specific setting says") {
  World world;
  world.answer([](const FetchRequest&, std::size_t) {
    return answer_of(200, sts_answer("AssumeRole", "K"));
  });
  const std::string profile =
      "[profile A]\nrole_arn = a\nsource_profile = B\nendpoint_url = http://general\n"
      "[profile B]\naws_access_key_id = K\naws_secret_access_key = S\n"
      "[services s]\nsts =\n  endpoint_url = http://services/x/\n";
  const auto url = [&](const std::string& config, Variables variables) {
    world.home.write("config", config);
    world.variables = std::move(variables);
    world.http->seen.clear();
    world.good("A");
    return world.http->seen.at(0).url;
  };
  std::string with_services = profile;
  with_services.insert(with_services.find("[profile B]"), "services = s\n");
  CHECK(url(profile, {}) == "http://general/");
  CHECK(url(with_services, {}) == "http://services/x");
  CHECK(url(with_services, {{"AWS_ENDPOINT_URL", "http://all:1"}}) == "http://all:1/");
  CHECK(url(with_services,
            {{"AWS_ENDPOINT_URL", "http://all:1"}, {"AWS_ENDPOINT_URL_STS", "https://sts:2"}}) ==
        "https://sts:2/");
  CHECK(url(with_services,
            {{"AWS_ENDPOINT_URL", "http://all:1"},
             {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"},
             {"AWS_REGION", "cn-north-1"}}) == "https://sts.cn-north-1.amazonaws.com.cn/");
  // A store's own idea of a region is none of AWS's.
  CHECK(url(profile, {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}, {"AWS_REGION", "garage"}}) ==
        "https://sts.us-east-1.amazonaws.com/");
  world.variables = {{"AWS_ENDPOINT_URL_STS", "ftp://x"}};
  CHECK(has(world.wrong("A"), "AWS_ENDPOINT_URL_STS"));
}

TEST_CASE("a web identity token is read anew at each load and never signed with") {
  World world;
  world.home.write("token", "canary-jwt-1\n");
  world.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "~/.aws/token"},
                     {"AWS_ROLE_ARN", "r"},
                     {"AWS_ROLE_SESSION_NAME", "me"},
                     {"AWS_REGION", "eu-west-1"}};
  world.answer([](const FetchRequest&, std::size_t) {
    return answer_of(200, sts_answer("AssumeRoleWithWebIdentity", "WEB"));
  });
  const Credentials key = world.good();
  CHECK(key.key_id == "WEB");
  CHECK(key.source == "role r by web identity");
  CHECK(world.http->seen[0].body ==
        "Action=AssumeRoleWithWebIdentity&RoleArn=r&RoleSessionName=me&Version=2011-06-15&"
        "WebIdentityToken=canary-jwt-1");
  CHECK(header_of(world.http->seen[0], "authorization") == "(none)");
  world.home.write("token", "canary-jwt-2");
  world.good();
  CHECK(has(world.http->seen[1].body, "WebIdentityToken=canary-jwt-2"));
}

TEST_CASE("a web identity that lacks a part, or has an odd token, is an error") {
  World world;
  world.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/gone"}};
  CHECK(world.wrong() == "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
  world.variables["AWS_ROLE_ARN"] = "r";
  CHECK(has(world.wrong(), "web identity token: /gone: No such file"));
  world.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "~/.aws/token";
  for (const std::string& text :
       {std::string(), std::string("canary\nX: y"), std::string("\x01")}) {
    world.home.write("token", text);
    CHECK(has(world.wrong(), "has no web identity token in it"));
  }
  CHECK(world.http->seen.empty());
  world.home.write("token", "canary-jwt");
  world.answer([](const FetchRequest& request, std::size_t) {
    return answer_of(400,
                     "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>" +
                         request.body + "</Message></Error></ErrorResponse>");
  });
  CHECK(world.wrong() == "role r by web identity: STS answered 400");
}

TEST_CASE("a profile with a token file needs no source profile") {
  World world;
  world.home.write("token", "canary-jwt");
  world.home.write("config", "[profile A]\nrole_arn = r\nweb_identity_token_file = ~/.aws/token\n");
  world.answer([](const FetchRequest&, std::size_t) {
    return answer_of(200, sts_answer("AssumeRoleWithWebIdentity", "WEB"));
  });
  CHECK(world.good("A").key_id == "WEB");
}

TEST_CASE("a job of GitHub Actions asks for a token and exchanges it") {
  World world;
  world.variables = {{"AWS_ROLE_ARN", "r"},
                     {"ACTIONS_ID_TOKEN_REQUEST_URL", "https://token.example/x?api-version=2"},
                     {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-ticket"}};
  world.answer([](const FetchRequest& request, std::size_t) {
    return request.method == "GET" ? answer_of(200, "{\"count\":1,\"value\":\"canary.jwt\"}")
                                   : answer_of(200, sts_answer("AssumeRoleWithWebIdentity", "GH"));
  });
  CHECK(world.good().key_id == "GH");
  REQUIRE(world.http->seen.size() == 2);
  CHECK(world.http->seen[0].url ==
        "https://token.example/x?api-version=2&audience=sts.amazonaws.com");
  CHECK(header_of(world.http->seen[0], "authorization") == "bearer canary-ticket");
  CHECK(has(world.http->seen[1].body, "WebIdentityToken=canary.jwt"));
}

TEST_CASE("GitHub's token is not asked for over plain http, and refusals say what to do") {
  World world;
  world.variables = {{"AWS_ROLE_ARN", "r"},
                     {"ACTIONS_ID_TOKEN_REQUEST_URL", "http://token.example/canary"},
                     {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary"}};
  CHECK(world.wrong() ==
        "ACTIONS_ID_TOKEN_REQUEST_URL would send a token over plain http to token.example");
  CHECK(world.http->seen.empty());
  world.variables["ACTIONS_ID_TOKEN_REQUEST_URL"] = "https://token.example/";
  for (const std::string& body : hostile_bodies()) {
    world.answer([&](const FetchRequest&, std::size_t) { return answer_of(200, body); });
    CHECK(world.wrong() == "GitHub's OIDC token: the answer has no token in it");
  }
  world.answer([&](const FetchRequest&, std::size_t) { return answer_of(403, "canary"); });
  CHECK(world.wrong() == "GitHub's OIDC token: its service answered 403");
  CHECK(world.hint == "does the job have `permissions: id-token: write`?");
}
