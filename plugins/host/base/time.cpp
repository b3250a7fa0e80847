#include "plugins/host/base/time.hpp"

#include <spdlog/fmt/fmt.h>
#include <time.h>

#include <algorithm>
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

/// What is left behind the digits of "2026-11-20T22:33:11"; nullopt if it does not begin so.
/// A listing has one for each object, and strptime costs more there than all else of it.
std::optional<WallTime> read_iso(std::string_view text, std::string_view& rest) {
  constexpr std::string_view k_shape = "0000-00-00T00:00:00";
  if (text.size() < k_shape.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < k_shape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (k_shape[i] == '0' ? !is_digit : text[i] != k_shape[i]) {
      return std::nullopt;
    }
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    int out = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
      out = out * 10 + (text[i] - '0');
    }
    return out;
  };
  const std::chrono::year_month_day day(std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2))));
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!day.ok() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  rest = text.substr(k_shape.size());
  return std::chrono::sys_days(day) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

/// A fraction of a second, which is dropped, and a zone that is UTC.
bool is_utc(std::string_view rest) {
  if (rest.starts_with('.')) {
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    rest.remove_prefix(std::min(end, rest.size()));
  }
  return rest == "Z" || rest == " GMT" || rest == " UTC" || rest == "+00:00" || rest == "+0000";
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
  std::string_view behind;
  if (const auto time = read_iso(text, behind)) {
    return is_utc(behind) ? time : std::nullopt;
  }
  const std::string owned(text);  // strptime wants a terminator
  for (const char* pattern : {"%a, %d %b %Y %H:%M:%S", "%Y%m%dT%H%M%S"}) {
    tm parsed{};
    const char* rest = strptime(owned.c_str(), pattern, &parsed);
    if (rest == nullptr) {
      continue;
    }
    // By its length: a NUL inside does not end it.
    if (is_utc(std::string_view(owned).substr(static_cast<std::size_t>(rest - owned.c_str())))) {
      return WallTime(std::chrono::seconds(timegm(&parsed)));
    }
  }
  return std::nullopt;
}

}  // namespace deployflow
