// Findings as lines, at most ten alike: a site with 3,000 unclosed tags must not hide its one dead
// link.

#pragma once

#include "cli/report/frame.hpp"
#include "cli/ui/line_printer.hpp"
#include "plugins/host/run/event.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace deployflow::cli {

/// "page.html:41:12", or the key without a file; empty if it has neither. As it is, not made
/// printable.
std::string place_of(const run::Finding& finding);
/// "error: page.html:41:12: message", the frame if there is one, and "  help: hint", safe to print.
std::vector<Line> finding_lines(const run::Finding& finding,
                                const std::optional<Frame>& frame = std::nullopt);
/// "error: message", further lines of the message indented, "  help: hint".
std::vector<Line> error_lines(const Error& error);
Line help_line(const std::string& hint);

/// By file, key, line, column: a stage that checks many files at once finds in no order.
bool stands_before(const run::Finding& a, const run::Finding& b);

/// Which findings to show, and what to say about the others. Holds at most 1,000. One thread.
class FindingList {
 public:
  static constexpr std::uint64_t k_shown_alike = 10;

  enum class When : std::uint8_t { at_once, in_order };

  /// `tell`: how one of them reads.
  using Tell = std::function<std::vector<Line>(const run::Finding&)>;

  explicit FindingList(
      bool show_all, Tell tell = [](const run::Finding& one) { return finding_lines(one); })
      : show_all_(show_all), tell_(std::move(tell)) {}

  /// The lines to print of `finding`: none when ten of its kind (stage, severity, code) were shown,
  /// or when it waits, `in_order`, for take_rest().
  std::vector<Line> add(const run::Finding& finding, When when);
  /// What waits, the first ten of each kind, in order; then for each kind "  and 34 more errors of
  /// kind html/unclosed (-v shows all)". Starts anew.
  std::vector<Line> take_rest();
  /// Was an error with this message among the last?
  [[nodiscard]] bool has_said(const std::string& message) const;

 private:
  using Kind = std::tuple<std::string, run::Severity, std::string>;
  struct Seen {
    std::uint64_t count = 0;
    std::uint64_t shown = 0;
    std::vector<run::Finding> waiting;  // sorted, at most ten
  };

  Seen& seen(const run::Finding& finding);

  bool show_all_;
  Tell tell_;
  std::map<Kind, Seen> seen_;
  std::vector<std::string> errors_;  // the last few messages
};

}  // namespace deployflow::cli
