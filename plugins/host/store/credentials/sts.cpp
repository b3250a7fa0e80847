#include "plugins/host/store/credentials/sts.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/credentials/json_key.hpp"
#include "plugins/host/store/credentials/provider.hpp"
#include "plugins/host/store/sign.hpp"
#include "plugins/host/store/sts_xml.hpp"

#include <spdlog/fmt/fmt.h>

#include <span>
#include <utility>
#include <vector>

namespace deployflow::store {
namespace {

constexpr std::size_t k_shown_text = 300;  // bytes of STS's own words
constexpr std::string_view k_form = "application/x-www-form-urlencoded; charset=utf-8";

using Secrets = std::span<const std::string_view>;

std::vector<QueryPair> form_of(const ProviderTools& tools,
                               std::string_view action,
                               const RoleRequest& role) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(tools.clock->now());
  std::vector<QueryPair> out{
      {"Action", std::string(action)},
      {"Version", "2011-06-15"},
      {"RoleArn", role.role_arn},
      {"RoleSessionName",
       role.session_name.empty() ? fmt::format("deployflow-{}", seconds.time_since_epoch().count())
                                 : role.session_name}};
  if (!role.external_id.empty()) {
    out.emplace_back("ExternalId", role.external_id);
  }
  if (role.duration_seconds) {
    out.emplace_back("DurationSeconds", std::to_string(*role.duration_seconds));
  }
  return out;
}

// Its words, unless they repeat what must not be shown.
Error refusal(const HttpResponse& answer, const std::string& source, Secrets secrets) {
  StsError error = parse_sts_error_xml(answer.body).value_or(StsError{});
  for (const std::string_view secret : secrets) {
    if (!secret.empty() && (error.message.find(secret) != std::string::npos ||
                            error.code.find(secret) != std::string::npos)) {
      error = {};
    }
  }
  std::string message = fmt::format("{}: STS answered {}", source, answer.status);
  if (!error.code.empty()) {
    message += " " + printable(std::string_view(error.code).substr(0, 64));
  }
  if (!error.message.empty()) {
    message += ": " + printable(std::string_view(error.message).substr(0, k_shown_text));
  }
  return {Errc::auth, std::move(message)};
}

Result<Credentials> read_answer(const HttpOutcome& outcome, std::string source, Secrets secrets) {
  if (!outcome.ok()) {
    Error error = outcome.error();
    error.message = fmt::format("{}: {}", source, error.message);
    return error;
  }
  if (outcome->status != 200) {
    return refusal(*outcome, source, secrets);
  }
  auto key = parse_sts_key_xml(outcome->body);
  if (!key) {
    return Error{Errc::auth, fmt::format("{}: STS's answer is not the XML expected", source)};
  }
  if (key->session_token.empty()) {
    return Error{Errc::auth, fmt::format("{}: STS's answer has no SessionToken", source)};
  }
  return key_of_members({{"AccessKeyId", std::move(key->key_id)},
                         {"SecretAccessKey", std::move(key->secret)},
                         {"Token", std::move(key->session_token)},
                         {"Expiration", std::move(key->expiration)}},
                        {},
                        std::move(source));
}

FetchRequest post_to(const ServicePlace& place, std::string body) {
  FetchRequest request;
  request.method = "POST";
  request.url = place.origin + encode_path(place.path.empty() ? "/" : place.path);
  request.headers = {{"host", place.host}, {"content-type", std::string(k_form)}};
  request.body = std::move(body);
  return request;
}

/// Signs at each attempt anew: the wait between two may be long.
class SigningFetch final : public HttpFetch {
 public:
  SigningFetch(const ProviderTools& tools, const ServicePlace& place, const Credentials& with)
      : tools_(tools), place_(place), with_(with) {}

  HttpOutcome fetch(const FetchRequest& request) override {
    const SigningInput input{.method = request.method,
                             .path = place_.path.empty() ? "/" : place_.path,
                             .query = {},
                             .headers = request.headers,
                             .payload_hash = to_hex(sha256(request.body))};
    const Scope scope{.time = std::chrono::floor<std::chrono::seconds>(tools_.clock->now()),
                      .region = place_.region,
                      .service = "sts"};
    auto made =
        Signer().sign(input, with_, scope, {.payload_header = SigningRules::PayloadHeader::omit});
    if (!made) {
      return HttpFailure{std::move(made.error()), false};
    }
    FetchRequest out = request;
    out.headers.insert(out.headers.end(), made->headers.begin(), made->headers.end());
    return tools_.http->fetch(out);
  }

 private:
  const ProviderTools& tools_;
  const ServicePlace& place_;
  const Credentials& with_;
};

}  // namespace

Result<Credentials> assume_role(const ProviderTools& tools,
                                const ServicePlace& place,
                                const RoleRequest& role,
                                const Credentials& with,
                                std::string source) {
  ProviderTools signing = tools;
  signing.http = std::make_shared<SigningFetch>(tools, place, with);
  const HttpOutcome outcome =
      fetch_patiently(signing, post_to(place, encode_query(form_of(tools, "AssumeRole", role))));
  const std::string_view secrets[] = {with.secret.reveal(), with.session_token.reveal()};
  return read_answer(outcome, std::move(source), secrets);
}

Result<Credentials> assume_role_with_token(const ProviderTools& tools,
                                           const ServicePlace& place,
                                           const RoleRequest& role,
                                           const Secret& token,
                                           std::string source) {
  auto form = form_of(tools, "AssumeRoleWithWebIdentity", role);
  form.emplace_back("WebIdentityToken", token.reveal());
  const HttpOutcome outcome = fetch_patiently(tools, post_to(place, encode_query(form)));
  const std::string_view secrets[] = {token.reveal()};
  return read_answer(outcome, std::move(source), secrets);
}

}  // namespace deployflow::store
