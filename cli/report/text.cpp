#include "cli/report/frame.hpp"
#include "cli/report/writers.hpp"
#include "cli/ui/finding_list.hpp"
#include "cli/ui/line_printer.hpp"

#include <string>

namespace deployflow::cli {
namespace {

constexpr std::size_t k_columns = 100;

void print_all(LinePrinter& printer, const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    printer.print(line);
  }
}

}  // namespace

void write_text(const Report& report, Sources& sources, Output& out) {
  LinePrinter printer(out, Terminal{}, [] { return k_columns; });
  for (const Entry& entry : report.entries) {
    print_all(printer, finding_lines(entry.finding, frame_of(entry.finding, sources, k_columns)));
  }
  if (report.failure) {
    print_all(printer, error_lines(*report.failure));
  }
  printer.print({Tone::plain, "", describe(report)});
}

}  // namespace deployflow::cli
