// How long a server asks to be left alone.

#pragma once

#include "plugins/host/store/http.hpp"

#include <chrono>
#include <optional>

namespace deployflow::store {

/// Of the header Retry-After (seconds, or a date beside the answer's own) or AWS's own
/// (milliseconds); nullopt if there is none that can be read. Whoever waits caps it.
std::optional<std::chrono::milliseconds> retry_after_of(const HttpResponse& response);

}  // namespace deployflow::store
