#include "plugins/host/store/credentials/sso.hpp"

#include "plugins/host/base/digest.hpp"
#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/store/credentials/json_key.hpp"
#include "plugins/host/store/credentials/local_url.hpp"
#include "plugins/host/store/credentials/service_place.hpp"
#include "plugins/host/store/uri.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace deployflow::store {
namespace {

constexpr std::uint64_t k_largest_file = std::uint64_t{1} << 20U;
constexpr KeyNames k_names{.key_id = "accessKeyId",
                           .secret = "secretAccessKey",
                           .token = "sessionToken",
                           .expires = "expiration"};

Error log_in(const SsoRole& role, std::string message) {
  return {Errc::auth,
          fmt::format("SSO of profile {}: {}", printable(role.profile), message),
          role.session.empty()
              ? fmt::format("run `aws sso login --profile {}`", printable(role.profile))
              : fmt::format("run `aws sso login --sso-session {}`", printable(role.session))};
}

Result<Secret> read_token(const ProviderTools& tools, const SsoRole& role) {
  const std::string shown = sso_token_path(role);
  const auto text = read_file(in_home(shown, tools.environment), k_largest_file);
  if (!text) {
    return log_in(role, fmt::format("{} cannot be read: nobody has logged in", shown));
  }
  const auto members = read_json_members(*text);
  std::string token = members ? member_of(*members, "accessToken") : std::string();
  const auto expires = members ? parse_expiry(member_of(*members, "expiresAt")) : std::nullopt;
  if (token.empty() || !is_header_text(token) || !expires) {
    return log_in(role, fmt::format("{} has no token in it", shown));
  }
  if (*expires <= tools.clock->now()) {
    return log_in(role, fmt::format("the login expired at {}", format_iso(*expires)));
  }
  return Secret(std::move(token));
}

Result<Credentials> read_answer(const HttpOutcome& outcome,
                                const SsoRole& role,
                                std::string source) {
  if (!outcome.ok()) {
    Error error = outcome.error();
    error.message = fmt::format("{}: {}", source, error.message);
    return error;
  }
  if (outcome->status == 401) {
    return log_in(role, "the portal does not take the login any more");
  }
  if (outcome->status != 200) {
    return Error{
        Errc::auth,
        fmt::format("{}: the portal answered {}", source, outcome->status),
        outcome->status == 403 ? "may this login use that role in that account?" : std::string()};
  }
  const auto members = read_json_members(outcome->body, "roleCredentials");
  if (!members) {
    return Error{Errc::auth,
                 fmt::format("{}: the portal's answer is not the JSON expected", source)};
  }
  return key_of_members(*members, k_names, std::move(source));
}

}  // namespace

std::string sso_token_path(const SsoRole& role) {
  const std::string& name = role.session.empty() ? role.start_url : role.session;
  return fmt::format("~/.aws/sso/cache/{}.json", to_hex(sha1(name)));
}

Result<Credentials> load_from_sso(const ProviderTools& tools,
                                  const SsoRole& role,
                                  const Profiles& profiles) {
  if (role.account_id.empty()) {
    return Error{Errc::auth,
                 fmt::format("profile {} uses SSO, but has no sso_account_id and sso_role_name",
                             printable(role.profile))};
  }
  TRY_ASSIGN(
      const ServicePlace place,
      service_place("sso", "portal.sso", role.region, role.profile, profiles, tools.environment));
  TRY_ASSIGN(const Secret token, read_token(tools, role));
  const std::vector<QueryPair> query{{"role_name", role.role_name},
                                     {"account_id", role.account_id}};
  FetchRequest request;
  request.url = place.origin + encode_path(place.path + "/federation/credentials") + "?" +
                encode_query(query);
  request.headers = {{"accept", "application/json"}, {"x-amz-sso_bearer_token", token.reveal()}};
  return read_answer(
      fetch_patiently(tools, request),
      role,
      fmt::format(
          "role {} of account {} by SSO", printable(role.role_name), printable(role.account_id)));
}

}  // namespace deployflow::store
