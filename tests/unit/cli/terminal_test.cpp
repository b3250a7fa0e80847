#include "cli/ui/terminal.hpp"

#include "cli/ui/line_printer.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace deployflow::cli {
namespace {

Environment with(const std::map<std::string, std::string>& variables) {
  return [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

class Memory : public Output {
 public:
  void write(std::string_view text) override { text_ += text; }
  std::string take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
};

bool color(bool tty, ColorChoice choice, const std::map<std::string, std::string>& variables) {
  return decide_terminal(tty, choice, with(variables)).color;
}

TEST_CASE("--color beats NO_COLOR, which beats CLICOLOR_FORCE, which beats the terminal") {
  const std::map<std::string, std::string> both{
      {"TERM", "xterm"}, {"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}};
  CHECK(color(false, ColorChoice::always, both));
  CHECK_FALSE(color(true, ColorChoice::never, {{"TERM", "xterm"}, {"CLICOLOR_FORCE", "1"}}));
  CHECK_FALSE(color(true, ColorChoice::automatic, both));
  CHECK(color(false, ColorChoice::automatic, {{"CLICOLOR_FORCE", "1"}}));
  CHECK_FALSE(color(false, ColorChoice::automatic, {{"CLICOLOR_FORCE", "0"}, {"TERM", "xterm"}}));
  CHECK(color(true, ColorChoice::automatic, {{"TERM", "xterm"}, {"NO_COLOR", ""}}));
  CHECK_FALSE(color(true, ColorChoice::automatic, {{"TERM", "dumb"}}));
  CHECK_FALSE(color(true, ColorChoice::automatic, {}));
  CHECK_FALSE(color(false, ColorChoice::automatic, {{"TERM", "xterm"}}));
}

TEST_CASE("NO_COLOR takes colour away, not the progress bar") {
  CHECK(decide_terminal(true, ColorChoice::automatic, with({{"TERM", "xterm"}, {"NO_COLOR", "1"}}))
            .moving);
  CHECK_FALSE(decide_terminal(true, ColorChoice::always, with({{"TERM", "dumb"}})).moving);
}

TEST_CASE("columns count what a terminal shows, not bytes") {
  CHECK(display_columns("abc") == 3);
  CHECK(display_columns("äöü") == 3);
  CHECK(display_columns("日本") == 4);
  CHECK(display_columns("e\xCC\x81") == 1);  // e and a combining acute
  CHECK(display_columns("🚀") == 2);
}

TEST_CASE("cutting keeps characters whole and stays within the columns") {
  CHECK(elide("abcdef", 6) == "abcdef");
  CHECK(elide("abcdefg", 6) == "abc...");
  CHECK(elide("日本語日本語", 8) == "日本...");
  CHECK(elide("abcdef", 2) == "..");
  CHECK(elide("abcdef", 0).empty());
}

TEST_CASE("a status line is cut, replaced and erased; lines that stay are not cut") {
  Memory memory;
  LinePrinter printer(memory, {.moving = true, .color = false}, [] { return std::size_t{24}; });
  printer.show_status(verb_line(Tone::good, "Uploading", "a rather long text"));
  CHECK(memory.take() == "   Uploading a rathe...");
  printer.show_status(verb_line(Tone::good, "Uploading", "short"));
  CHECK(memory.take() == "\r\x1b[K   Uploading short");
  printer.print({Tone::bad, "error:", "a line that is longer than the terminal"});
  CHECK(memory.take() == "\r\x1b[Kerror: a line that is longer than the terminal\n");
  printer.clear_status();
  CHECK(memory.take().empty());
}

TEST_CASE("without a terminal there is no status line, no carriage return and no escape") {
  Memory memory;
  LinePrinter printer(memory, {}, [] { return std::size_t{80}; });
  printer.show_status(verb_line(Tone::good, "Uploading", "x"));
  printer.clear_status();
  CHECK(memory.take().empty());
  printer.print(verb_line(Tone::good, "Uploaded", "x"));
  CHECK(memory.take() == "    Uploaded x\n");
}

TEST_CASE("colour surrounds the head alone") {
  Memory memory;
  LinePrinter printer(memory, {.moving = false, .color = true}, [] { return std::size_t{80}; });
  printer.print({Tone::bad, "error:", "x"});
  CHECK(memory.take() == "\x1b[1;31merror:\x1b[0m x\n");
  printer.print({Tone::plain, "  help:", "x"});
  CHECK(memory.take() == "  help: x\n");
}

}  // namespace
}  // namespace deployflow::cli
