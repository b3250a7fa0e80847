#include "cli/ui/progress_line.hpp"

#include "cli/ui/terminal.hpp"
#include "cli/ui/words.hpp"

#include <doctest/doctest.h>

namespace deployflow::cli {
namespace {

constexpr std::uint64_t k_mib = 1U << 20U;

run::Progress half_way() {
  return {.stage = "upload",
          .done = 29,
          .total = 42,
          .bytes_done = 112 * k_mib / 10,
          .bytes_total = 149 * k_mib / 10,
          .what = "files"};
}

TEST_CASE("a bar tells counts, bytes, speed and what is left") {
  CHECK(bar_text(half_way(), 3.6, 80) ==
        "29/42 files  11.2/14.9 MiB  3.1 MiB/s  2 s left  [=====================>      ]");
}

TEST_CASE("a bar never takes more columns than it may") {
  for (std::size_t columns = 0; columns < 120; ++columns) {
    const std::string text = bar_text(half_way(), 3.6, columns);
    const std::string without = bar_text(half_way(), 3.6, 0);
    CHECK((text == without || display_columns(text) <= columns));
  }
}

TEST_CASE("there is no speed in the first second, and no bar without a total") {
  CHECK(bar_text(half_way(), 0.5, 20) == "29/42 files  11.2/14.9 MiB");
  run::Progress unknown{.stage = "x", .done = 7, .what = "pages"};
  CHECK(bar_text(unknown, 5, 80) == "7 pages");
}

TEST_CASE("more done than planned is a full bar, not an overflow") {
  run::Progress progress;
  progress.done = 9;
  progress.total = 3;
  CHECK(bar_text(progress, 0, 30) == "9/3  [=======================]");
}

TEST_CASE("a heartbeat says for how long") {
  CHECK(heartbeat_text(half_way(), 10.2) == "29/42 files  11.2/14.9 MiB  (10 s)");
  CHECK(heartbeat_text(run::Progress{}, 20) == "(20 s)");
}

TEST_CASE("bytes of bytes are in one unit") {
  CHECK(bytes_of_bytes(0, 1023) == "0/1023 B");
  CHECK(bytes_of_bytes(512, 2048) == "0.5/2.0 KiB");
}

TEST_CASE("durations stay readable from milliseconds to hours") {
  CHECK(duration_text(0.04) == "0.0 s");
  CHECK(duration_text(4.81) == "4.8 s");
  CHECK(duration_text(99.97) == "100 s");
  CHECK(duration_text(700) == "11 min");
  CHECK(duration_text(4320) == "1 h 12 min");
}

TEST_CASE("a plan counts what is not zero, and says when there is nothing to do") {
  run::PlanTotals totals;
  totals.put = 37;
  totals.update = 5;
  totals.keep = 370;
  totals.remove = 2;
  CHECK(describe(totals) == "37 new, 5 changed, 370 same, 2 to delete");
  run::PlanTotals kept;
  kept.keep = 3;
  CHECK(describe(kept) == "3 same, nothing to do");
  kept.setting = 2;
  CHECK(describe(kept) == "3 same, 2 settings");
  CHECK(describe(run::PlanTotals{}) == "nothing to do");
}

}  // namespace
}  // namespace deployflow::cli
