#include "plugins/host/store/credentials/container.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/store/credentials/json_key.hpp"
#include "plugins/host/store/credentials/local_url.hpp"
#include "plugins/host/store/credentials/profiles.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace deployflow::store {
namespace {

constexpr std::string_view k_relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr std::string_view k_full = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr std::string_view k_token_file = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr std::string_view k_token = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr std::string_view k_agent = "http://169.254.170.2";
constexpr std::uint64_t k_longest_token = 64U << 10;

class ContainerProvider final : public CredentialsProvider {
 public:
  explicit ContainerProvider(ProviderTools tools) : tools_(std::move(tools)) {}

  Result<Lookup> load() override {
    const auto relative = set_variable(tools_.environment, k_relative);
    const auto full = set_variable(tools_.environment, k_full);
    if (!relative && !full) {
      return nothing_there(fmt::format("{} and {} are not set", k_relative, k_full));
    }
    if (relative && !relative->starts_with('/')) {
      return Error{Errc::auth, fmt::format("{} does not begin with '/'", k_relative)};
    }
    FetchRequest request;
    request.url = relative ? std::string(k_agent) + *relative : *full;
    TRY_ASSIGN(const LocalUrl place, check_secret_url(request.url, relative ? k_relative : k_full));
    TRY_ASSIGN(const std::optional<Secret> token, read_token());
    request.headers = {{"accept", "application/json"}};
    if (token) {
      request.headers.emplace_back("authorization", token->reveal());
    }
    request.proxy = place.proxy;
    request.connect_timeout = std::chrono::seconds(2);
    request.timeout = std::chrono::seconds(5);
    return ask(request, "container credentials at " + place.origin);
  }

 private:
  [[nodiscard]] Result<Lookup> ask(const FetchRequest& request, std::string source) const {
    const HttpOutcome outcome = fetch_patiently(tools_, request);
    if (!outcome.ok()) {
      Error error = outcome.error();
      error.message = fmt::format("container credentials: {}", error.message);
      return error;
    }
    if (outcome->status != 200) {
      return Error{
          Errc::auth,
          fmt::format(
              "{}: answered {}{}", source, outcome->status, shown_json_code(outcome->body))};
    }
    const auto members = read_json_members(outcome->body);
    if (!members) {
      return Error{Errc::auth, fmt::format("{}: the answer is not JSON", source)};
    }
    TRY_ASSIGN(Credentials found, key_of_members(*members, {}, std::move(source)));
    return Lookup{std::move(found), {}};
  }

  [[nodiscard]] Result<std::optional<Secret>> read_token() const {
    const auto path = set_variable(tools_.environment, k_token_file);
    std::optional<std::string> token = set_variable(tools_.environment, k_token);
    if (path) {
      auto text = read_file(*path, k_longest_token);
      if (!text) {
        return Error{Errc::auth,
                     fmt::format("{}: {}", k_token_file, printable(text.error().message))};
      }
      token = std::move(*text);
    }
    if (!token) {
      return std::optional<Secret>();
    }
    // A line break would end the header, and what follows be another one.
    if (token->empty() || !is_header_text(*token)) {
      return Error{
          Errc::auth,
          fmt::format("{} is empty or has a line break in it", path ? k_token_file : k_token)};
    }
    return std::optional<Secret>(std::move(*token));
  }

  ProviderTools tools_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> container_provider(ProviderTools tools) {
  return std::make_unique<ContainerProvider>(std::move(tools));
}

}  // namespace deployflow::store
