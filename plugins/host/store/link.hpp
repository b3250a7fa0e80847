// A link that gives one object to whoever has it, until it expires.

#pragma once

#include "plugins/host/base/secret.hpp"
#include "plugins/host/base/time.hpp"

namespace deployflow::store {

struct Link {
  Secret url;  // it is a password
  WallTime expires;
};

}  // namespace deployflow::store
