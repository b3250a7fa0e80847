#include "cli/help.hpp"

#include "cli/exit_code.hpp"

#include <doctest/doctest.h>
#include <spdlog/fmt/fmt.h>

#include <string>

namespace deployflow::cli {
namespace {

TEST_CASE("text is wrapped at spaces and indented") {
  CHECK(wrap("one two three", 2, 9) == "  one two\n  three\n");
  CHECK(wrap("", 2, 9).empty());
  CHECK(wrap("unbreakable", 0, 4) == "unbreakable\n");
}

TEST_CASE("the topic exit-codes lists every code") {
  const auto text = topic_text("exit-codes");
  REQUIRE(text.ok());
  for (const ExitCodeRow& row : exit_codes()) {
    CHECK(text->find(fmt::format("{:>3}  {}", static_cast<int>(row.code), row.meaning)) !=
          std::string::npos);
  }
}

TEST_CASE("a command is a topic; an unknown topic names those that there are") {
  CHECK(topic_text("push").ok());
  const auto wrong = topic_text("exit-cods");
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().code == Errc::usage);
  CHECK(wrong.error().hint == "did you mean exit-codes?");
  CHECK(topic_text("qqqqqqqq").error().hint.find("environment") != std::string::npos);
}

TEST_CASE("the program's help does not show the hidden command") {
  CHECK(help_text(Command::none, HelpDepth::full).find("  sign ") == std::string::npos);
}

}  // namespace
}  // namespace deployflow::cli
