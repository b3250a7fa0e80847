// A link to one object of a target, for who asks for nothing else.

#pragma once

#include "plugins/host/base/cancel.hpp"
#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/store/link.hpp"
#include "plugins/host/store/target.hpp"

#include <chrono>
#include <string>

namespace deployflow::store {

struct PresignRequest {
  std::string key;           // in the target
  std::chrono::seconds ttl;  // 1 s to 7 days
  StopToken stop;
};

/// Looks that the object is there, which also tells the bucket's region, and signs. Blocking.
/// Errors: `config`, `auth` as open_target(); `not_found`; `usage` if the target is anonymous or
/// has a customer's key; the store's.
Result<Link> presign_object(const TargetConfig& config,
                            const Environment& environment,
                            const PresignRequest& request);

}  // namespace deployflow::store
