// One flag that stops a run: set by Ctrl-C or a deadline, seen by every loop that waits.
//
// std::stop_token fits: waiting code registers a std::stop_callback to be woken.

#pragma once

#include "plugins/host/base/result.hpp"

#include <stop_token>

namespace deployflow {

using StopToken = std::stop_token;

inline Error cancelled_error() {
  return Error{Errc::cancelled, "interrupted"};
}

}  // namespace deployflow
