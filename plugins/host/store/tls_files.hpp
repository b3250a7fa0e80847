// Whom a TLS connection trusts, and what we show of ourselves: paths of PEM files.
//
// There is no way to turn verification off: the server's certificate and its host name are always
// checked, and TLS is 1.2 or newer.

#pragma once

#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/result.hpp"

#include <string>

namespace deployflow::store {

struct Endpoint;
struct ProfileSettings;
struct TargetConfig;

/// Empty = none. Each file may hold several certificates.
struct TlsFiles {
  std::string ca_file = {};           // instead of the system's authorities
  std::string client_cert_file = {};  // shown to a server that asks for one
  std::string client_key_file = {};   // its private key; empty = in client_cert_file

  [[nodiscard]] bool none() const { return ca_file.empty() && client_cert_file.empty(); }
};

/// The files of `target`: its own `ca_file`, else AWS_CA_BUNDLE, else the profile's ca_bundle; and
/// its client certificate. Blocking: each is opened once, so that a wrong path is told before
/// anything is sent. Errors: `config` for a file that cannot be read, and for a target that names
/// files for TLS but an endpoint without it.
Result<TlsFiles> resolve_tls_files(const TargetConfig& target,
                                   const Endpoint& endpoint,
                                   const Environment& environment,
                                   const ProfileSettings& settings);

}  // namespace deployflow::store
