// Where requests go, from what a target, the environment and a profile say. One value on each line
// of the input.

#include "plugins/host/store/endpoint.hpp"
#include "tests/fuzz/claim.hpp"

namespace deployflow::store {
namespace {

void judge(const Result<Endpoint>& resolved) {
  if (!resolved) {
    CLAIM(resolved.error().code == Errc::config);
    CLAIM(!fuzz::has_control(resolved.error().message));
    return;
  }
  const Endpoint& endpoint = resolved.value();
  CLAIM(endpoint.scheme == "http" || endpoint.scheme == "https");
  CLAIM(endpoint.addressing != Addressing::automatic);
  CLAIM(!endpoint.region.empty());
  // Both become part of a request: nothing in them may end a line or the path.
  for (const char* key : {"", "a/b?c#d"}) {
    CLAIM(!fuzz::has_control(endpoint.origin() + endpoint.request_path(key)));
    CLAIM(endpoint.request_path(key).starts_with('/'));
  }
  CLAIM(endpoint.request_host().find_first_of("/?#@ \\") == std::string::npos);
}

}  // namespace
}  // namespace deployflow::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace deployflow::store;
  std::string_view rest = deployflow::fuzz::text_of(data, size);
  const auto next = [&rest] { return std::string(deployflow::fuzz::take_line(rest)); };
  TargetConfig target;
  target.addressing = static_cast<Addressing>(size % 3);
  target.bucket = next();
  target.endpoint = next();
  target.region = next();
  ProfileSettings settings;
  settings.region = next();
  settings.endpoint_url = next();
  settings.s3_endpoint_url = next();
  const std::string variable = next();
  const std::string ignore = next();
  const auto environment = [&](std::string_view name) -> std::optional<std::string> {
    const bool is_ignore = name == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
    const std::string& value = is_ignore ? ignore : variable;
    return value.empty() ? std::nullopt : std::optional(value);
  };
  const auto resolved = resolve_endpoint(target, environment, settings);
  judge(resolved);
  return 0;
}
