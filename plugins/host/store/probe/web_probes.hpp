// What needs no signature: the server's clock, and what visitors may see.

#pragma once

#include "plugins/host/store/http_fetch.hpp"
#include "plugins/host/store/probe/probes.hpp"

#include <functional>
#include <memory>
#include <string>

namespace deployflow::store {

/// How far the server's clock is from ours, by the date of an unsigned answer to `url`. Never `no`:
/// whether the store can be reached is for `list` to say, which tries again.
Probe clock_probe(std::shared_ptr<HttpFetch> fetch, std::string url);

/// May anyone read the probe page at the endpoint? `url_of` a key. Always `info`.
Probe public_probe(std::shared_ptr<HttpFetch> fetch,
                   std::function<std::string(const std::string&)> url_of);

/// Is the probe page served under the target's public `url`, which ends in '/'?
Probe website_probe(std::shared_ptr<HttpFetch> fetch, std::string url);

}  // namespace deployflow::store
