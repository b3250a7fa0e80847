#include "plugins/host/store/credentials/environment.hpp"

#include "plugins/host/store/credentials/profiles.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace deployflow::store {
namespace {

constexpr std::string_view k_key_id = "AWS_ACCESS_KEY_ID";
constexpr std::string_view k_secret = "AWS_SECRET_ACCESS_KEY";
constexpr std::string_view k_token = "AWS_SESSION_TOKEN";

class EnvironmentProvider final : public CredentialsProvider {
 public:
  explicit EnvironmentProvider(Environment environment) : environment_(std::move(environment)) {}

  Result<Lookup> load() override {
    auto key_id = set_variable(environment_, k_key_id);
    auto secret = set_variable(environment_, k_secret);
    if (!key_id && !secret) {
      return nothing_there(fmt::format("{} and {} are not set", k_key_id, k_secret));
    }
    if (!key_id || !secret) {
      return Error{Errc::auth,
                   fmt::format("{} is set, but {} is not",
                               key_id ? k_key_id : k_secret,
                               key_id ? k_secret : k_key_id),
                   "set both, or neither"};
    }
    TRY_ASSIGN(Credentials out,
               checked_credentials(
                   {.key_id = std::move(*key_id),
                    .secret = Secret(std::move(*secret)),
                    .session_token = Secret(set_variable(environment_, k_token).value_or("")),
                    .expires = {},
                    .source = "the environment"}));
    return Lookup{std::move(out), {}};
  }

 private:
  Environment environment_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> environment_provider(Environment environment) {
  return std::make_unique<EnvironmentProvider>(std::move(environment));
}

}  // namespace deployflow::store
