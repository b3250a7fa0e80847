#include "cli/report/frame.hpp"

#include "tests/support/scratch.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::cli {
namespace {

using test::Scratch;

struct Desk {
  explicit Desk(std::string_view text) : path(folder.write("a.html", text)) {}

  std::optional<Frame> frame(std::uint32_t line,
                             std::uint32_t column,
                             std::uint32_t end_column = 0) {
    run::Finding finding;
    finding.file = path;
    finding.line = line;
    finding.column = column;
    finding.end_line = end_column > 0 ? line : 0;
    finding.end_column = end_column;
    return frame_of(finding, sources, 40);
  }

  Scratch folder;
  std::string path;
  Sources sources{std::chrono::system_clock::now() + std::chrono::hours(1)};
};

TEST_CASE("two lines before and after") {
  Desk desk("1\n2\n3\n4\n5\n6\n7\n");
  const Frame frame = desk.frame(4, 1).value();
  CHECK(frame.first == 2);
  CHECK(frame.marked == 2);
  CHECK(frame.lines == std::vector<std::string>{"2", "3", "4", "5", "6"});
  CHECK(desk.frame(1, 1)->lines == std::vector<std::string>{"1", "2", "3"});
  CHECK(desk.frame(7, 1)->lines == std::vector<std::string>{"5", "6", "7"});
  CHECK(desk.frame(7, 1)->marked == 2);
}

TEST_CASE("of what is not to be shown there is no frame") {
  Desk desk("1\n2\n3\n");
  run::Finding finding;
  finding.file = desk.path;
  finding.line = 2;
  REQUIRE(frame_of(finding, desk.sources, 40).has_value());
  finding.hides_source = true;
  CHECK_FALSE(frame_of(finding, desk.sources, 40).has_value());
}

TEST_CASE("the caret stands under the column, past tabs and wide characters") {
  Desk desk("\t<p>one\n\xE4\xB8\xAD\xE6\x96\x87x\na\tb\n");
  CHECK(desk.frame(1, 2)->caret == 4);
  CHECK(desk.frame(1, 2)->lines[0] == "    <p>one");
  CHECK(desk.frame(2, 3)->caret == 4);
  CHECK(desk.frame(2, 2)->caret == 2);
  CHECK(desk.frame(2, 2)->width == 2);
  CHECK(desk.frame(3, 3)->caret == 4);
  CHECK(desk.frame(3, 2)->width == 3);  // the tab itself
}

TEST_CASE("an end widens what is marked, on its own line only") {
  Desk desk("<p class=x>\nab\n");
  CHECK(desk.frame(1, 4, 9)->width == 5);
  CHECK(desk.frame(1, 4)->width == 1);
  CHECK(desk.frame(2, 3)->caret == 2);  // at the end of the line
  CHECK(desk.frame(2, 3)->width == 1);
  CHECK(desk.frame(2, 2, 4'000'000'000U)->width == 1);
  CHECK(desk.frame(1, 0)->width == 0);
}

TEST_CASE(
    "control characters and bytes that are not UTF-8 are spelled out, and counted as one each") {
  Desk desk("a\x1b[31m\xFFz\r\nb\xE2\x80\xAE\n");
  const Frame frame = desk.frame(1, 8).value();
  CHECK(frame.lines == std::vector<std::string>{"a\\x1b[31m\\xffz", "b\\u{202E}"});
  CHECK(frame.caret == 13);
}

TEST_CASE("a long line is cut around the place, and the lines around it at the same columns") {
  std::string line;
  for (int i = 0; i < 1000; ++i) {
    line += static_cast<char>('a' + i % 26);
  }
  Desk desk(line + "\n" + line + "\nshort\n");
  const Frame frame = desk.frame(2, 501).value();
  REQUIRE(frame.lines.size() == 3);
  CHECK(frame.lines[0] == frame.lines[1]);
  CHECK(frame.lines[1].size() == 40);
  CHECK(frame.lines[1].starts_with("..."));
  CHECK(frame.lines[1].ends_with("..."));
  CHECK(frame.lines[1][frame.caret] == line[500]);
  CHECK(frame.lines[2].empty());
  const Frame start = desk.frame(2, 3).value();
  CHECK(start.lines[1].starts_with("abc"));
  CHECK(start.lines[1].ends_with("..."));
  CHECK(desk.frame(2, 1000)->lines[1].ends_with(line.substr(990)));
  CHECK(desk.frame(2, 501, 900)->caret + desk.frame(2, 501, 900)->width == 40);
}

TEST_CASE("a place at the end of a line of 16 MiB is found in one walk over it") {
  Desk desk(std::string((16U << 20U) - 1, 'x'));
  const auto start = std::chrono::steady_clock::now();
  const Frame frame = desk.frame(1, 16'000'000).value();
  CHECK(frame.lines[0].size() <= 40);
  // A walk takes 0.1 s; one for each of its characters would take days. Sanitizers and a machine
  // that is busy included.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}

TEST_CASE("no frame: no line, no such line, a file that vanished, changed or is too large") {
  Desk desk("1\n2\n");
  CHECK_FALSE(desk.frame(0, 0));
  CHECK_FALSE(desk.frame(9, 1));
  desk.path = desk.folder / "gone.html";
  CHECK_FALSE(desk.frame(1, 1));
  desk.path = desk.folder.path();
  CHECK_FALSE(desk.frame(1, 1));
  desk.path = desk.folder.write("large.html", std::string((16U << 20U) + 1, '\n'));
  CHECK_FALSE(desk.frame(1, 1));
  desk.path = desk.folder.write("later.html", "1\n");
  CHECK(desk.frame(1, 1));
  desk.sources = Sources(std::chrono::system_clock::now() - std::chrono::hours(1));
  CHECK_FALSE(desk.frame(1, 1));
}

}  // namespace
}  // namespace deployflow::cli
