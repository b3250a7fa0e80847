#include "cli/ui/finding_list.hpp"

#include "cli/ui/words.hpp"
#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace deployflow::cli {
namespace {

// A plugin may invent a new code for each finding; past this many kinds all are one kind.
constexpr std::size_t k_kinds = 100;
constexpr std::size_t k_messages_kept = 16;

Tone tone_of(run::Severity severity) {
  switch (severity) {
    case run::Severity::error:
      return Tone::bad;
    case run::Severity::warning:
      return Tone::caution;
    case run::Severity::info:
      return Tone::plain;
  }
  return Tone::plain;
}

// The first line after the head, the others indented below it, so that none can look like a line of
// ours.
void add_lines(std::vector<Line>& lines, Tone tone, std::string head, std::string_view text) {
  std::size_t end = text.find('\n');
  lines.push_back({tone, std::move(head), printable(text.substr(0, end))});
  while (end != std::string_view::npos) {
    text.remove_prefix(end + 1);
    end = text.find('\n');
    lines.push_back({Tone::plain, "", "  " + printable(text.substr(0, end))});
  }
}

//     7 | <p>one<b></p>
//       |       ^^^
void add_frame(std::vector<Line>& lines, Tone tone, const Frame& frame) {
  const std::size_t digits = fmt::format("{}", frame.first + frame.lines.size() - 1).size();
  for (std::size_t i = 0; i < frame.lines.size(); ++i) {
    lines.push_back(
        {Tone::plain, fmt::format("  {:>{}} |", frame.first + i, digits + 1), frame.lines[i]});
    if (i == frame.marked && frame.width > 0) {
      lines.push_back({tone,
                       fmt::format("  {:>{}} | {}{}",
                                   "",
                                   digits + 1,
                                   std::string(frame.caret, ' '),
                                   std::string(frame.width, '^')),
                       ""});
    }
  }
}

Line more_line(std::uint64_t count, run::Severity severity, const std::string& code) {
  const std::string what = severity == run::Severity::info
                               ? fmt::format("{} more", count)
                               : count_of(count, fmt::format("more {}", name_of(severity)));
  const std::string kind = code.empty() ? "" : fmt::format(" of kind {}", printable(code));
  return {Tone::plain, "  and", fmt::format("{}{} (-v shows all)", what, kind)};
}

}  // namespace

std::string place_of(const run::Finding& finding) {
  std::string place = finding.file.empty() ? finding.key : finding.file;
  if (!place.empty() && finding.line > 0) {
    place += fmt::format(":{}", finding.line);
    place += finding.column > 0 ? fmt::format(":{}", finding.column) : "";
  }
  return place;
}

Line help_line(const std::string& hint) {
  return {Tone::plain, "  help:", printable(hint)};
}

std::vector<Line> error_lines(const Error& error) {
  std::vector<Line> lines;
  add_lines(lines, Tone::bad, "error:", error.message);
  if (!error.hint.empty()) {
    lines.push_back(help_line(error.hint));
  }
  return lines;
}

std::vector<Line> finding_lines(const run::Finding& finding, const std::optional<Frame>& frame) {
  std::vector<Line> lines;
  const std::string place = place_of(finding);
  add_lines(lines,
            tone_of(finding.severity),
            fmt::format("{}:", name_of(finding.severity)),
            finding.message);
  if (!place.empty()) {
    lines.front().text = fmt::format("{}: {}", printable(place), lines.front().text);
  }
  if (frame) {
    add_frame(lines, tone_of(finding.severity), *frame);
  }
  if (!finding.hint.empty()) {
    lines.push_back(help_line(finding.hint));
  }
  return lines;
}

bool stands_before(const run::Finding& a, const run::Finding& b) {
  return std::tie(a.file, a.key, a.line, a.column) < std::tie(b.file, b.key, b.line, b.column);
}

FindingList::Seen& FindingList::seen(const run::Finding& finding) {
  Kind kind{finding.stage, finding.severity, finding.code};
  if (seen_.size() >= k_kinds && seen_.find(kind) == seen_.end()) {
    kind = {"", finding.severity, ""};
  }
  return seen_[kind];
}

std::vector<Line> FindingList::add(const run::Finding& finding, When when) {
  if (finding.severity == run::Severity::error) {
    errors_.push_back(finding.message);
    if (errors_.size() > k_messages_kept) {
      errors_.erase(errors_.begin());
    }
  }
  Seen& alike = seen(finding);
  ++alike.count;
  if (show_all_ || (when == When::at_once && alike.shown < k_shown_alike)) {
    ++alike.shown;
    return tell_(finding);
  }
  if (when == When::in_order) {
    auto& waiting = alike.waiting;
    waiting.insert(std::upper_bound(waiting.begin(), waiting.end(), finding, stands_before),
                   finding);
    if (waiting.size() > k_shown_alike) {
      waiting.pop_back();
    }
  }
  return {};
}

std::vector<Line> FindingList::take_rest() {
  std::vector<Line> lines;
  std::vector<Line> rest;
  std::vector<run::Finding> waiting;
  for (auto& [kind, alike] : std::exchange(seen_, {})) {
    const auto& [stage, severity, code] = kind;
    const std::uint64_t more = alike.count - alike.shown - alike.waiting.size();
    waiting.insert(waiting.end(), alike.waiting.begin(), alike.waiting.end());
    if (more > 0) {
      rest.push_back(more_line(more, severity, code));
    }
  }
  std::stable_sort(waiting.begin(), waiting.end(), stands_before);
  for (const run::Finding& finding : waiting) {
    const std::vector<Line> one = tell_(finding);
    lines.insert(lines.end(), one.begin(), one.end());
  }
  lines.insert(lines.end(), rest.begin(), rest.end());
  return lines;
}

bool FindingList::has_said(const std::string& message) const {
  return std::find(errors_.begin(), errors_.end(), message) != errors_.end();
}

}  // namespace deployflow::cli
