// Lines for people. The only code that writes a cursor or colour code.

#pragma once

#include "cli/ui/output.hpp"
#include "cli/ui/terminal.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace deployflow::cli {

enum class Tone : std::uint8_t { plain, good, bad, caution };

/// "    Uploaded" + "42 files": a head in its colour, a space, the rest.
struct Line {
  Tone tone = Tone::plain;
  std::string head;  // shown as it is: pad it with verb_line()
  std::string text;
};

/// A line whose verb is right-aligned to 12 columns.
Line verb_line(Tone tone, const std::string& verb, std::string text);

/// One thread at a time.
class LinePrinter {
 public:
  /// `columns`: the width of the terminal, asked at each status line.
  LinePrinter(Output& output, Terminal terminal, std::function<std::size_t()> columns)
      : output_(output), terminal_(terminal), columns_(std::move(columns)) {}

  /// A line that stays.
  void print(const Line& line);
  /// The last line, in place of the status line before; cut to the width. Nothing without a
  /// terminal.
  void show_status(const Line& line);
  void clear_status();

  [[nodiscard]] bool moving() const { return terminal_.moving; }
  [[nodiscard]] std::size_t columns() const { return columns_(); }

 private:
  [[nodiscard]] std::string render(const Line& line) const;
  [[nodiscard]] std::string erased() const;

  Output& output_;
  Terminal terminal_;
  std::function<std::size_t()> columns_;
  bool status_shown_ = false;
};

}  // namespace deployflow::cli
