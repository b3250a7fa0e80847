#include "cli/ui/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace deployflow::cli {
namespace {

struct Range {
  char32_t first, last;
};

// Unicode 15, EastAsianWidth W and F, in blocks: too wide a range only shortens a line.
constexpr std::array<Range, 15> k_wide{{{0x1100, 0x115F},
                                        {0x231A, 0x231B},
                                        {0x2E80, 0x303E},
                                        {0x3041, 0xA4CF},
                                        {0xA960, 0xA97F},
                                        {0xAC00, 0xD7A3},
                                        {0xF900, 0xFAFF},
                                        {0xFE30, 0xFE6F},
                                        {0xFF00, 0xFF60},
                                        {0xFFE0, 0xFFE6},
                                        {0x1F300, 0x1F64F},
                                        {0x1F680, 0x1F6FF},
                                        {0x1F900, 0x1FAFF},
                                        {0x20000, 0x2FFFD},
                                        {0x30000, 0x3FFFD}}};
constexpr std::array<Range, 9> k_combining{{{0x0300, 0x036F},
                                            {0x0483, 0x0489},
                                            {0x0591, 0x05BD},
                                            {0x064B, 0x065F},
                                            {0x1AB0, 0x1AFF},
                                            {0x1DC0, 0x1DFF},
                                            {0x20D0, 0x20FF},
                                            {0xFE00, 0xFE0F},
                                            {0xFE20, 0xFE2F}}};

template <std::size_t n>
bool is_in(const std::array<Range, n>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

struct Character {
  std::size_t bytes;
  std::size_t columns;
};

// The text has been through printable(), so it is well-formed.
Character character_at(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t code = bytes == 1 ? lead : lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < std::min(bytes, text.size()); ++i) {
    code = (code << 6U) | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
  }
  const std::size_t columns = is_in(k_combining, code) ? 0 : is_in(k_wide, code) ? 2 : 1;
  return {std::min(bytes, text.size()), columns};
}

bool is_set(const Environment& environment, std::string_view name) {
  return !environment(name).value_or("").empty();
}

}  // namespace

Terminal decide_terminal(bool is_terminal, ColorChoice choice, const Environment& environment) {
  Terminal result;
  result.moving = is_terminal && environment("TERM").value_or("dumb") != "dumb";
  if (choice != ColorChoice::automatic) {
    result.color = choice == ColorChoice::always;
  } else if (is_set(environment, "NO_COLOR")) {
    result.color = false;
  } else if (is_set(environment, "CLICOLOR_FORCE") && environment("CLICOLOR_FORCE") != "0") {
    result.color = true;
  } else {
    result.color = result.moving;
  }
  return result;
}

Terminal describe_terminal(int fd, ColorChoice choice, const Environment& environment) {
  return decide_terminal(::isatty(fd) == 1, choice, environment);
}

std::size_t terminal_columns(int fd) {
  struct winsize size {};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::size_t display_columns(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character character = character_at(text);
    columns += character.columns;
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::string elide(std::string_view text, std::size_t columns) {
  if (display_columns(text) <= columns) {
    return std::string(text);
  }
  constexpr std::string_view k_mark = "...";
  const std::size_t room = columns > k_mark.size() ? columns - k_mark.size() : 0;
  std::size_t used = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    const Character character = character_at(text.substr(end));
    if (used + character.columns > room) {
      break;
    }
    used += character.columns;
    end += character.bytes;
  }
  return std::string(text.substr(0, end)) + std::string(k_mark.substr(0, columns));
}

}  // namespace deployflow::cli
