#include "plugins/host/store/credentials/web_identity.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/store/credentials/sts.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::uint64_t k_longest_token = 64U << 10;  // STS takes 20,000 characters
constexpr std::string_view k_file = "AWS_WEB_IDENTITY_TOKEN_FILE";
constexpr std::string_view k_role = "AWS_ROLE_ARN";

Result<Secret> read_token(const std::string& path) {
  auto text = read_file(path, k_longest_token);
  if (!text) {
    return Error{Errc::auth,
                 fmt::format("web identity token: {}", printable(text.error().message)),
                 std::move(text.error().hint)};
  }
  const std::size_t last = text->find_last_not_of(" \t\r\n");
  text->erase(last == std::string::npos ? 0 : last + 1);
  const bool is_token = !text->empty() && std::all_of(text->begin(), text->end(), [](char c) {
    return c > ' ' && c < 0x7F;
  });
  if (!is_token) {
    return Error{Errc::auth, fmt::format("{} has no web identity token in it", printable(path))};
  }
  return Secret(std::move(*text));
}

class WebIdentityProvider final : public CredentialsProvider {
 public:
  explicit WebIdentityProvider(ProviderTools tools) : tools_(std::move(tools)) {}

  Result<Lookup> load() override {
    const auto file = set_variable(tools_.environment, k_file);
    if (!file) {
      return nothing_there(fmt::format("{} is not set", k_file));
    }
    const auto role = set_variable(tools_.environment, k_role);
    if (!role) {
      return Error{Errc::auth, fmt::format("{} is set, but {} is not", k_file, k_role)};
    }
    TRY_ASSIGN(const Profiles profiles, load_profiles(tools_.environment));
    TRY_ASSIGN(
        Credentials found,
        load_web_identity(tools_,
                          {profile_name({}, tools_.environment),
                           *role,
                           *file,
                           set_variable(tools_.environment, "AWS_ROLE_SESSION_NAME").value_or("")},
                          profiles));
    return Lookup{std::move(found), {}};
  }

 private:
  ProviderTools tools_;
};

}  // namespace

Result<Credentials> load_web_identity(const ProviderTools& tools,
                                      const WebIdentity& identity,
                                      const Profiles& profiles) {
  TRY_ASSIGN(const Secret token, read_token(in_home(identity.token_file, tools.environment)));
  TRY_ASSIGN(const ServicePlace place,
             service_place("sts",
                           "sts",
                           sts_region(identity.profile, profiles, tools.environment),
                           identity.profile,
                           profiles,
                           tools.environment));
  return assume_role_with_token(
      tools,
      place,
      {.role_arn = identity.role_arn,
       .session_name = identity.session_name,
       .external_id = {},
       .duration_seconds = {}},
      token,
      fmt::format("role {} by web identity", printable(identity.role_arn)));
}

std::unique_ptr<CredentialsProvider> web_identity_provider(ProviderTools tools) {
  return std::make_unique<WebIdentityProvider>(std::move(tools));
}

}  // namespace deployflow::store
