#include "cli/ui/line_printer.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace deployflow::cli {
namespace {

std::string_view color_code(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::good:
      return "\x1b[1;32m";
    case Tone::bad:
      return "\x1b[1;31m";
    case Tone::caution:
      return "\x1b[1;33m";
  }
  return "";
}

}  // namespace

Line verb_line(Tone tone, const std::string& verb, std::string text) {
  return {tone, fmt::format("{:>12}", verb), std::move(text)};
}

std::string LinePrinter::render(const Line& line) const {
  const bool colored = terminal_.color && line.tone != Tone::plain && !line.head.empty();
  std::string text =
      colored ? fmt::format("{}{}\x1b[0m", color_code(line.tone), line.head) : line.head;
  if (!line.head.empty() && !line.text.empty()) {
    text += ' ';
  }
  return text + line.text;
}

std::string LinePrinter::erased() const {
  return status_shown_ ? "\r\x1b[K" : "";
}

void LinePrinter::print(const Line& line) {
  output_.write(erased() + render(line) + "\n");
  status_shown_ = false;
}

void LinePrinter::show_status(const Line& line) {
  if (!terminal_.moving) {
    return;
  }
  // One column stays free: some terminals wrap as soon as the last one is written.
  const std::size_t columns = columns_();
  const std::size_t head = display_columns(line.head) + 2;
  Line fitting = line;
  fitting.text = elide(line.text, columns > head ? columns - head : 0);
  output_.write(erased() + render(fitting));
  status_shown_ = true;
}

void LinePrinter::clear_status() {
  if (status_shown_) {
    output_.write(erased());
    status_shown_ = false;
  }
}

}  // namespace deployflow::cli
