#include "cli/report/github.hpp"

#include "cli/report/writers.hpp"
#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <limits>
#include <string>
#include <utility>

namespace deployflow::cli {
namespace {

enum class Part : std::uint8_t { property, message };

// The runner undoes these and no others.
std::string escaped(std::string_view text, Part part) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '%':
        out += "%25";
        break;
      case '\r':
        out += "%0D";
        break;
      case '\n':
        out += "%0A";
        break;
      case ':':
      case ',':
        out += part == Part::message ? std::string(1, c) : c == ':' ? "%3A" : "%2C";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// printable() line by line.
std::string shown(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t end = text.find('\n');
    out += printable(text.substr(0, end));
    if (end == std::string_view::npos) {
      return out;
    }
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

const char* command_of(run::Severity severity) {
  switch (severity) {
    case run::Severity::error:
      return "error";
    case run::Severity::warning:
      return "warning";
    case run::Severity::info:
      return "notice";
  }
  return "notice";
}

// Columns are for places within one line.
std::string position_of(const run::Finding& finding) {
  if (finding.line == 0) {
    return {};
  }
  std::string text = fmt::format(",line={}", finding.line);
  if (finding.end_line > finding.line) {
    return text + fmt::format(",endLine={}", finding.end_line);
  }
  text += finding.column > 0 ? fmt::format(",col={}", finding.column) : "";
  text += finding.end_line > 0 ? fmt::format(",endColumn={}", finding.end_column) : "";
  return text;
}

std::string annotation_of(const Entry& entry) {
  const run::Finding& finding = entry.finding;
  std::string message = shown(finding.message);
  message += finding.hint.empty() ? "" : "\n" + shown(finding.hint);
  return fmt::format("::{} file={}{},title={}::{}\n",
                     command_of(finding.severity),
                     escaped(printable(entry.path), Part::property),
                     position_of(finding),
                     escaped(printable(entry.rule), Part::property),
                     escaped(message, Part::message));
}

std::string failure_annotation(const Error& failure) {
  std::string message = shown(failure.message);
  message += failure.hint.empty() ? "" : "\n" + shown(failure.hint);
  return fmt::format("::error title=deployflow::{}\n", escaped(message, Part::message));
}

}  // namespace

void write_annotations(const Report& report, std::size_t most, Output& out) {
  if (report.failure) {
    out.write(failure_annotation(*report.failure));
  }
  std::array<std::size_t, 3> told{};
  for (const Entry* entry : gravest_first(report)) {
    if (told.at(static_cast<std::size_t>(entry->finding.severity))++ < most) {
      out.write(annotation_of(*entry));
    }
  }
}

void write_github(const Report& report, Sources& /*sources*/, Output& out) {
  write_annotations(report, std::numeric_limits<std::size_t>::max(), out);
}

void CommandFree::write(std::string_view text) {
  constexpr std::string_view k_old = "##[";
  std::string safe;
  bool blank = true;  // nothing but blanks in this line so far
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (blank && text.substr(at, 2) == "::") {
      safe += '\\';
    }
    if (text.substr(at, k_old.size()) == k_old) {
      safe += "##\\";
      ++at;
      blank = false;
      continue;
    }
    blank = text[at] == '\n' || (blank && (text[at] == ' ' || text[at] == '\t'));
    safe += text[at];
  }
  output_.write(safe);
}

}  // namespace deployflow::cli
