#include "plugins/host/base/time.hpp"

#include <doctest/doctest.h>

namespace {

using namespace deployflow;
using namespace std::chrono;
using namespace std::string_view_literals;

constexpr WallTime k_moment = sys_days{2026y / November / 20} + 22h + 33min + 11s;

TEST_CASE("time is spelled in UTC whatever the time zone is") {
  CHECK(format_compact(k_moment) == "20261120T223311Z");
  CHECK(format_iso(k_moment) == "2026-11-20T22:33:11Z");
  CHECK(format_iso(WallTime{}) == "1970-01-01T00:00:00Z");
  CHECK(format_iso(sys_days{2024y / February / 29} + 23h + 59min + 59s) == "2024-02-29T23:59:59Z");
}

TEST_CASE("the spellings of servers and of ourselves are read") {
  CHECK(parse_time("Fri, 20 Nov 2026 22:33:11 GMT") == k_moment);
  CHECK(parse_time("2026-11-20T22:33:11Z") == k_moment);
  CHECK(parse_time("2026-11-20T22:33:11.123Z") == k_moment);
  CHECK(parse_time("2026-11-20T22:33:11.123456789Z") == k_moment);
  CHECK(parse_time("2026-11-20T22:33:11+00:00") == k_moment);
  CHECK(parse_time("2024-02-29T23:59:60Z") == sys_days{2024y / March / 1});  // a leap second
  CHECK(parse_time("20261120T223311Z") == k_moment);
  CHECK(parse_time(format_compact(k_moment)) == k_moment);
  CHECK(parse_time(format_iso(k_moment)) == k_moment);
}

TEST_CASE("a time without a zone, in another zone or with something behind it is refused") {
  for (const std::string_view text : {""sv,
                                      "yesterday"sv,
                                      "2026-11-20"sv,
                                      "2026-11-20T22:33:11"sv,
                                      "2026-11-20T22:33:11+02:00"sv,
                                      "2026-11-20T22:33:11Z "sv,
                                      "2026-11-20T22:33:11Z\0"sv,
                                      "2026-13-20T22:33:11Z"sv,
                                      "2026-11-20T25:33:11Z"sv,
                                      "2026-02-29T22:33:11Z"sv,
                                      "2026-11-20T22:3a:11Z"sv,
                                      "Fri, 20 Nov 2026 22:33:11 CET"sv}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text).has_value());
  }
}

TEST_CASE("the machine's clock is past the day this was written") {
  CHECK(deployflow::system_clock().now() > sys_days{2025y / January / 1});
}

}  // namespace
