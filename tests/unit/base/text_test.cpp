#include "plugins/host/base/text.hpp"

#include "plugins/host/base/secret.hpp"

#include <doctest/doctest.h>
#include <spdlog/fmt/fmt.h>

#include <vector>

namespace {

using namespace deployflow;
using namespace std::string_view_literals;

static_assert(!fmt::is_formattable<Secret>::value, "printing a secret must not compile");

TEST_CASE("text that is safe to print is kept as it is") {
  for (const std::string_view text : {""sv, "plain ~ text\\"sv, "Grüße, 世界 🚀"sv, "e\u0301"sv}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("control characters cannot reach a terminal") {
  CHECK(printable("a\nb\tc\r") == "a\\x0ab\\x09c\\x0d");
  CHECK(printable("\x1b[31mred\x07") == "\\x1b[31mred\\x07");
  CHECK(printable("\0x"sv) == "\\x00x");
  CHECK(printable("\x7f") == "\\x7f");
  CHECK(printable("\u009b31m") == "\\u{009B}31m");  // CSI as one C1 character
}

TEST_CASE("characters that reorder or hide text are spelled out") {
  CHECK(printable("a\u202Egnp.exe") == "a\\u{202E}gnp.exe");
  CHECK(printable("\u2066\u2069\u200F\u061C") == "\\u{2066}\\u{2069}\\u{200F}\\u{061C}");
  CHECK(printable("\u2028\u2029\uFEFF\u200B") == "\\u{2028}\\u{2029}\\u{FEFF}\\u{200B}");
}

TEST_CASE("bytes that are not UTF-8 are spelled out one by one, and what follows is not lost") {
  CHECK(printable("\xff\xfe!") == "\\xff\\xfe!");
  CHECK(printable("\xc3") == "\\xc3");
  CHECK(printable("\xe4\xb8z") == "\\xe4\\xb8z");
  CHECK(printable("\xc0\x9b[m") == "\\xc0\\x9b[m");  // overlong ESC
}

TEST_CASE("well-formed UTF-8 ends where Unicode's table 3-7 ends") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("\0\x7f"sv));
  CHECK(is_utf8("\u0080\u07FF\u0800\uD7FF\uE000\uFFFF\U00010000\U0010FFFF"));
  CHECK_FALSE(is_utf8("\x80"));              // a tail alone
  CHECK_FALSE(is_utf8("\xc1\xbf"));          // overlong
  CHECK_FALSE(is_utf8("\xe0\x9f\xbf"));      // overlong
  CHECK_FALSE(is_utf8("\xf0\x8f\xbf\xbf"));  // overlong
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));      // surrogate
  CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));  // past U+10FFFF
  CHECK_FALSE(is_utf8("\xf5\x80\x80\x80"));
  CHECK_FALSE(is_utf8("ok\xe2\x82"));  // cut off
}

TEST_CASE("the nearest name is offered when it is near") {
  const std::vector<std::string> names{"bucket", "endpoint", "prefix", "to"};
  CHECK(nearest("bukcet", names) == "bucket");
  CHECK(nearest("endpont", names) == "endpoint");
  CHECK(nearest("prefix", names) == "prefix");
  CHECK(nearest("too", names) == "to");
}

TEST_CASE("a word that is near to nothing gets no suggestion") {
  const std::vector<std::string> names{"bucket", "endpoint", "to"};
  CHECK_FALSE(nearest("region", names).has_value());
  CHECK_FALSE(nearest("x", names).has_value());
  CHECK_FALSE(nearest("", names).has_value());
  CHECK_FALSE(nearest("bucket", {}).has_value());
  CHECK_FALSE(nearest(std::string(100'000, 'a'), names).has_value());
  CHECK(nearest("four", std::vector<std::string>{"fxxr"}) == "fxxr");  // 2 of 4 letters: half
  CHECK_FALSE(nearest("four", std::vector<std::string>{"fxxx"}).has_value());
}

TEST_CASE("sizes are read with binary and decimal units") {
  CHECK(parse_bytes("0") == 0U);
  CHECK(parse_bytes("4096") == 4096U);
  CHECK(parse_bytes("512 B") == 512U);
  CHECK(parse_bytes("64k") == 65536U);
  CHECK(parse_bytes("10MiB") == 10485760U);
  CHECK(parse_bytes(" 1.5 GiB ") == 1610612736U);
  CHECK(parse_bytes("2T") == 2199023255552U);
  CHECK(parse_bytes("5kB") == 5000U);
  CHECK(parse_bytes("1.001kB") == 1001U);
  CHECK(parse_bytes("3GB") == 3000000000U);
}

TEST_CASE("sizes are exact up to the largest that fits") {
  CHECK(parse_bytes("9007199254740993") == 9007199254740993U);
  CHECK(parse_bytes("9223372036854775807") == 9223372036854775807U);
  CHECK_FALSE(parse_bytes("9223372036854775808").has_value());
  CHECK_FALSE(parse_bytes("8388608T").has_value());
}

TEST_CASE("what is no size is refused") {
  for (const std::string_view text : {""sv,
                                      " "sv,
                                      "MiB"sv,
                                      "-1"sv,
                                      "+1"sv,
                                      "1e3"sv,
                                      "1."sv,
                                      ".5"sv,
                                      "1..5"sv,
                                      "1,5"sv,
                                      "0x10"sv,
                                      "10 MiBs"sv,
                                      "1 0"sv,
                                      "inf"sv,
                                      "nan"sv,
                                      "10\0"sv}) {
    CAPTURE(text);
    CHECK_FALSE(parse_bytes(text).has_value());
  }
  CHECK_FALSE(parse_bytes(std::string(5000, '9')).has_value());
  CHECK_FALSE(parse_bytes("1." + std::string(5000, '0')).has_value());  // infinity / infinity
}

TEST_CASE("sizes are shown with one decimal in the unit that fits") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1024) == "1.0 KiB");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes(19293798) == "18.4 MiB");
  CHECK(format_bytes(1024 * 1024 - 1) == "1.0 MiB");  // never "1024.0 KiB"
  CHECK(format_bytes(5497558138880) == "5.0 TiB");
  CHECK(format_bytes(UINT64_MAX) == "16777216.0 TiB");
}

TEST_CASE("durations are read with units, a bare number as seconds") {
  CHECK(parse_duration_ms("90") == 90000U);
  CHECK(parse_duration_ms("0") == 0U);
  CHECK(parse_duration_ms("250ms") == 250U);
  CHECK(parse_duration_ms("90s") == 90000U);
  CHECK(parse_duration_ms("1.5m") == 90000U);
  CHECK(parse_duration_ms("1h30m") == 5400000U);
  CHECK(parse_duration_ms("1m5ms") == 60005U);
  CHECK(parse_duration_ms("2d") == 172800000U);
  CHECK(parse_duration_ms("1.001s") == 1001U);
}

TEST_CASE("what is no duration is refused") {
  for (const std::string_view text :
       {""sv, "s"sv, "-1s"sv, "1m30"sv, "1 m"sv, "1w"sv, "1.s"sv, "1mm"sv, "1hs"sv, "1e3s"sv}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration_ms(text).has_value());
  }
  CHECK_FALSE(parse_duration_ms("9223372036854775807").has_value());
  CHECK_FALSE(parse_duration_ms(std::string(5000, '9') + "s").has_value());
  CHECK_FALSE(parse_duration_ms("1." + std::string(5000, '0') + "s").has_value());
}

}  // namespace
