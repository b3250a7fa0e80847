#include "plugins/host/store/tls_files.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/store/credentials/profile_settings.hpp"
#include "plugins/host/store/endpoint.hpp"
#include "plugins/host/store/target.hpp"

#include <spdlog/fmt/fmt.h>

#include <string_view>

namespace deployflow::store {
namespace {

Result<void> check_readable(std::string_view setting, const std::string& path) {
  if (path.empty()) {
    return {};
  }
  if (auto opened = open_regular(path); !opened.ok()) {
    return Error{Errc::config, fmt::format("{} {}", setting, printable(opened.error().message))};
  }
  return {};
}

Result<void> check_uses_tls(const TargetConfig& target, const Endpoint& endpoint) {
  const bool names_files = !target.ca_file.empty() || !target.client_cert_file.empty();
  if (endpoint.scheme == "https" || !names_files) {
    return {};
  }
  return Error{Errc::config,
               fmt::format("target {} names {}, but {} does not use TLS",
                           printable(target.name),
                           target.ca_file.empty() ? "a client certificate" : "a CA file",
                           printable(endpoint.origin())),
               "use an endpoint that starts with https://, or leave the files out"};
}

}  // namespace

Result<TlsFiles> resolve_tls_files(const TargetConfig& target,
                                   const Endpoint& endpoint,
                                   const Environment& environment,
                                   const ProfileSettings& settings) {
  TRY(check_uses_tls(target, endpoint));
  if (endpoint.scheme != "https") {
    return TlsFiles{};
  }
  TlsFiles files{.ca_file = resolve_ca_file(target.ca_file, environment, settings),
                 .client_cert_file = target.client_cert_file,
                 .client_key_file = target.client_key_file};
  TRY(check_readable(target.ca_file.empty() ? "AWS_CA_BUNDLE or ca_bundle:" : "ca_file:",
                     files.ca_file));
  TRY(check_readable("client_cert_file:", files.client_cert_file));
  TRY(check_readable("client_key_file:", files.client_key_file));
  return files;
}

}  // namespace deployflow::store
