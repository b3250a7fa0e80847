// Roles: AWS's Security Token Service, and the STS of stores that have one (Ceph, MinIO).
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/store/credentials/credentials.hpp"
#include "plugins/host/store/credentials/service_place.hpp"
#include "plugins/host/store/credentials/tools.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace deployflow::store {

struct RoleRequest {
  std::string role_arn;
  std::string session_name;  // empty = "deployflow-<seconds since 1970>"
  std::string external_id;
  std::optional<std::uint32_t> duration_seconds;
};

/// AssumeRole, signed with `with`. Blocking. Errors: `auth` with STS's own code and words; as
/// HttpFetch; never with a secret.
Result<Credentials> assume_role(const ProviderTools& tools,
                                const ServicePlace& place,
                                const RoleRequest& role,
                                const Credentials& with,
                                std::string source);

/// AssumeRoleWithWebIdentity, unsigned: the token is the proof. Blocking. Errors: as above.
Result<Credentials> assume_role_with_token(const ProviderTools& tools,
                                           const ServicePlace& place,
                                           const RoleRequest& role,
                                           const Secret& token,
                                           std::string source);

}  // namespace deployflow::store
