// URLs from variables that keys or tokens are sent to: where plain http is good enough, and where
// it would give them away.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/store/http_fetch.hpp"

#include <string>
#include <string_view>

namespace deployflow::store {

struct LocalUrl {
  std::string origin;  // "http://169.254.170.2": for messages
  FetchProxy proxy = FetchProxy::environment;
};

/// https to anywhere; http to this machine alone: loopback, and the link-local addresses of AWS's
/// container agents (169.254.170.2, 169.254.170.23, [fd00:ec2::23]), none of them by a proxy.
/// Errors: `auth`, naming `variable`, never with the path or query.
Result<LocalUrl> check_secret_url(std::string_view url, std::string_view variable);

/// Has it neither control characters nor bytes beyond ASCII?
bool is_header_text(std::string_view text);

}  // namespace deployflow::store
