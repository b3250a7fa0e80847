#include "plugins/host/base/time.hpp"

#include <spdlog/fmt/fmt.h>
#include <time.h>

#include <array>

namespace deployflow {
namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::chrono::sys_time<std::chrono::milliseconds> now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  }
};

tm to_utc(WallTime time) {
  const time_t seconds = time.time_since_epoch().count();
  tm out{};
  gmtime_r(&seconds, &out);
  return out;
}

std::string format(WallTime time, const char* pattern) {
  const tm utc = to_utc(time);
  std::array<char, 40> out{};
  const std::size_t length = strftime(out.data(), out.size(), pattern, &utc);
  return {out.data(), length};
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string format_compact(WallTime time) {
  return format(time, "%Y%m%dT%H%M%SZ");
}
std::string format_iso(WallTime time) {
  return format(time, "%Y-%m-%dT%H:%M:%SZ");
}

std::optional<WallTime> parse_time(std::string_view text) {
  const std::string owned(text);  // strptime wants a terminator
  for (const char* pattern : {"%a, %d %b %Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%dT%H%M%S"}) {
    tm parsed{};
    const char* rest = strptime(owned.c_str(), pattern, &parsed);
    if (rest == nullptr) {
      continue;
    }
    if (*rest == '.') {  // a fraction of a second, dropped
      ++rest;
      while (*rest >= '0' && *rest <= '9') {
        ++rest;
      }
    }
    const std::string_view zone = std::string_view(owned).substr(
        static_cast<std::size_t>(rest - owned.c_str()));  // a NUL inside does not end it
    if (zone == "Z" || zone == " GMT" || zone == " UTC" || zone == "+00:00" || zone == "+0000") {
      return WallTime(std::chrono::seconds(timegm(&parsed)));
    }
  }
  return std::nullopt;
}

}  // namespace deployflow
