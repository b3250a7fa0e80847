#include "plugins/host/store/credentials/github_oidc.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/credentials/json_key.hpp"
#include "plugins/host/store/credentials/local_url.hpp"
#include "plugins/host/store/credentials/sts.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace deployflow::store {
namespace {

constexpr std::string_view k_url = "ACTIONS_ID_TOKEN_REQUEST_URL";
constexpr std::string_view k_token = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
constexpr std::string_view k_role = "AWS_ROLE_ARN";

class GithubOidcProvider final : public CredentialsProvider {
 public:
  explicit GithubOidcProvider(ProviderTools tools) : tools_(std::move(tools)) {}

  Result<Lookup> load() override {
    const Environment& environment = tools_.environment;
    const auto url = set_variable(environment, k_url);
    const auto ticket = set_variable(environment, k_token);
    if (!url || !ticket) {
      return nothing_there(fmt::format("{} is not set", url ? k_token : k_url));
    }
    const auto role = set_variable(environment, k_role);
    if (!role) {
      return nothing_there(
          fmt::format("{} is set, but not the {} that its token is for", k_url, k_role));
    }
    TRY_ASSIGN(const Secret token, ask_token(*url, *ticket));
    TRY_ASSIGN(const Profiles profiles, load_profiles(environment));
    const std::string profile = profile_name({}, environment);
    TRY_ASSIGN(const ServicePlace place,
               service_place("sts",
                             "sts",
                             sts_region(profile, profiles, environment),
                             profile,
                             profiles,
                             environment));
    TRY_ASSIGN(Credentials found,
               assume_role_with_token(
                   tools_,
                   place,
                   {.role_arn = *role,
                    .session_name = set_variable(environment, "AWS_ROLE_SESSION_NAME").value_or(""),
                    .external_id = {},
                    .duration_seconds = {}},
                   token,
                   fmt::format("role {} by GitHub's OIDC", printable(*role))));
    return Lookup{std::move(found), {}};
  }

 private:
  [[nodiscard]] Result<Secret> ask_token(const std::string& url, const std::string& ticket) const {
    TRY_ASSIGN(const LocalUrl place, check_secret_url(url, k_url));
    if (!is_header_text(ticket)) {
      return Error{Errc::auth, fmt::format("{} has a line break in it", k_token)};
    }
    FetchRequest request;
    request.url =
        url + (url.find('?') == std::string::npos ? '?' : '&') + "audience=sts.amazonaws.com";
    request.headers = {{"accept", "application/json"}, {"authorization", "bearer " + ticket}};
    request.proxy = place.proxy;
    const HttpOutcome outcome = fetch_patiently(tools_, request);
    if (!outcome.ok()) {
      Error error = outcome.error();
      error.message = fmt::format("GitHub's OIDC token: {}", error.message);
      return error;
    }
    if (outcome->status != 200) {
      return Error{Errc::auth,
                   fmt::format("GitHub's OIDC token: its service answered {}", outcome->status),
                   "does the job have `permissions: id-token: write`?"};
    }
    const auto members = read_json_members(outcome->body);
    std::string value = members ? member_of(*members, "value") : std::string();
    if (value.empty() || !is_header_text(value)) {
      return Error{Errc::auth, "GitHub's OIDC token: the answer has no token in it"};
    }
    return Secret(std::move(value));
  }

  ProviderTools tools_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> github_oidc_provider(ProviderTools tools) {
  return std::make_unique<GithubOidcProvider>(std::move(tools));
}

}  // namespace deployflow::store
