// Time as a parameter: the wall clock for signatures and names, and its spellings.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace deployflow {

using WallTime = std::chrono::sys_seconds;  // UTC

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::chrono::sys_time<std::chrono::milliseconds> now() const = 0;
};

/// The machine's clock.
const Clock& system_clock();

/// "20261120T223311Z", as SigV4 and release ids spell it.
std::string format_compact(WallTime time);
/// "2026-11-20T22:33:11Z".
std::string format_iso(WallTime time);
/// An HTTP date (RFC 9110, IMF-fixdate) or ISO 8601 with optional fraction; nullopt if neither.
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace deployflow
