#include "plugins/host/store/credentials/instance_metadata.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/ascii.hpp"
#include "plugins/host/store/credentials/json_key.hpp"
#include "plugins/host/store/credentials/local_url.hpp"
#include "plugins/host/store/credentials/profiles.hpp"
#include "plugins/host/store/uri.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::store {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds k_in_all{2'000};
constexpr std::chrono::milliseconds k_connect{1'000};
constexpr std::string_view k_off = "AWS_EC2_METADATA_DISABLED";
constexpr std::string_view k_endpoint = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
constexpr std::string_view k_mode = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
constexpr std::string_view k_roles = "/latest/meta-data/iam/security-credentials/";

// It becomes a part of a path.
bool is_role_name(std::string_view name) {
  static constexpr std::string_view k_marks = "+=,.@_-";
  return !name.empty() && name.size() <= 128 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_letter_or_digit(c) || k_marks.find(c) != std::string_view::npos;
         });
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

class InstanceMetadataProvider final : public CredentialsProvider {
 public:
  explicit InstanceMetadataProvider(ProviderTools tools) : tools_(std::move(tools)) {}

  Result<Lookup> load() override {
    if (to_lower(set_variable(tools_.environment, k_off).value_or("")) == "true") {
      return nothing_there(fmt::format("instance metadata is off ({})", k_off));
    }
    TRY_ASSIGN(const std::string endpoint, find_endpoint());
    return ask({endpoint,
                fmt::format("instance metadata at {}", printable(endpoint)),
                std::chrono::steady_clock::now() + k_in_all});
  }

 private:
  struct Service {
    std::string endpoint;
    std::string shown;
    SteadyTime deadline;
  };

  [[nodiscard]] Result<std::string> find_endpoint() const {
    if (const auto named = set_variable(tools_.environment, k_endpoint)) {
      auto url = parse_endpoint_url(*named);
      if (!url) {
        return Error{Errc::auth, fmt::format("{}: {}", k_endpoint, url.error().message)};
      }
      return url->scheme + "://" + url->authority() + encode_path(url->path);
    }
    const std::string mode = to_lower(set_variable(tools_.environment, k_mode).value_or("ipv4"));
    if (mode != "ipv4" && mode != "ipv6") {
      return Error{Errc::auth, fmt::format("{} is neither IPv4 nor IPv6", k_mode)};
    }
    return std::string(mode == "ipv4" ? "http://169.254.169.254" : "http://[fd00:ec2::254]");
  }

  [[nodiscard]] HttpOutcome fetch(const Service& service,
                                  std::string_view method,
                                  std::string_view path,
                                  Header header) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        service.deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      return HttpFailure{{Errc::network, "no answer within 2 s"}, true};
    }
    FetchRequest request;
    request.method = method;
    request.url = service.endpoint + std::string(path);
    request.headers.push_back(std::move(header));
    request.connect_timeout = std::min(left, k_connect);
    request.timeout = left;
    request.proxy = FetchProxy::none;
    return tools_.http->fetch(request);
  }

  // What an answer other than a key means: mostly that this is no EC2 machine.
  [[nodiscard]] static Result<Lookup> no_use(const Service& service,
                                             const HttpOutcome& outcome,
                                             std::string_view of) {
    if (outcome.ok()) {
      return nothing_there(
          fmt::format("{}: answered {} when asked for {}", service.shown, outcome->status, of));
    }
    if (outcome.error().code == Errc::cancelled) {
      return static_cast<const Error&>(outcome.error());
    }
    return nothing_there(fmt::format("no {}", service.shown));
  }

  [[nodiscard]] Result<Lookup> ask(const Service& service) const {
    const HttpOutcome token = fetch(
        service, "PUT", "/latest/api/token", {"x-aws-ec2-metadata-token-ttl-seconds", "21600"});
    if (!token.ok() || token->status != 200) {
      return no_use(service, token, "a token");
    }
    if (token->body.empty() || !is_header_text(token->body)) {
      return Error{Errc::auth, fmt::format("{}: the token is not one", service.shown)};
    }
    const Header ticket{"x-aws-ec2-metadata-token", token->body};
    const HttpOutcome roles = fetch(service, "GET", k_roles, ticket);
    if (!roles.ok() || roles->status != 200) {
      return no_use(service, roles, "the machine's role");
    }
    const std::string role = first_line(roles->body);
    if (!is_role_name(role)) {
      return Error{Errc::auth,
                   fmt::format("{}: the name of the machine's role is not one", service.shown)};
    }
    return read_key(service, role, fetch(service, "GET", std::string(k_roles) + role, ticket));
  }

  [[nodiscard]] static Result<Lookup> read_key(const Service& service,
                                               const std::string& role,
                                               const HttpOutcome& answer) {
    const std::string source = fmt::format("role {} of {}", role, service.shown);
    if (!answer.ok()) {
      Error error = answer.error();
      error.message = fmt::format("{}: {}", source, error.message);
      return error;
    }
    if (answer->status != 200) {
      return Error{Errc::auth, fmt::format("{}: answered {}", source, answer->status)};
    }
    const auto members = read_json_members(answer->body);
    if (!members) {
      return Error{Errc::auth, fmt::format("{}: the answer is not JSON", source)};
    }
    if (const std::string code = member_of(*members, "Code"); !code.empty() && code != "Success") {
      return Error{Errc::auth,
                   fmt::format("{}: there is no key:{}", source, shown_json_code(answer->body))};
    }
    TRY_ASSIGN(Credentials found, key_of_members(*members, {}, source));
    return Lookup{std::move(found), {}};
  }

  ProviderTools tools_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> instance_metadata_provider(ProviderTools tools) {
  return std::make_unique<InstanceMetadataProvider>(std::move(tools));
}

}  // namespace deployflow::store
