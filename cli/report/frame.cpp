#include "cli/report/frame.hpp"

#include "cli/ui/terminal.hpp"
#include "plugins/host/base/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace deployflow::cli {
namespace {

constexpr std::uint32_t k_context = 2;
constexpr std::size_t k_tab = 4;
constexpr std::string_view k_cut = "...";

/// Bytes of the character at the start: as stages count columns, a byte that is not UTF-8 is one.
std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  if (lead < 0x80) {  // nearly always, and a line may be 16 MiB long
    return 1;
  }
  const std::size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return bytes <= text.size() && is_utf8(text.substr(0, bytes)) ? bytes : 1;
}

/// `text` without its first `count` characters.
std::string_view after(std::string_view text, std::size_t count) {
  for (; count > 0 && !text.empty(); --count) {
    text.remove_prefix(character_bytes(text));
  }
  return text;
}

/// What one line of a file looks like in a frame.
class Strip {
 public:
  /// Of `line` from its character `skip` on.
  Strip(std::string_view line, std::size_t skip, std::size_t columns)
      : rest_(after(line, skip)), columns_(columns) {
    if (skip > 0 && !rest_.empty()) {
      text_ = k_cut;
      used_ = k_cut.size();
      rest_ = after(rest_, k_cut.size());
      ahead_ = k_cut.size();
    }
  }

  /// Go on to the character `at`, counted from `skip`. Returns the columns before it.
  std::size_t draw_to(std::size_t at) {
    for (; ahead_ < at && !rest_.empty() && !is_full_; ++ahead_) {
      draw_next();
    }
    return used_;
  }

  std::string take() {
    while (!rest_.empty() && !is_full_) {
      draw_next();
    }
    return is_full_ ? elide(text_, columns_) : std::move(text_);
  }

 private:
  void draw_next() {
    const std::size_t bytes = character_bytes(rest_);
    std::string shown = rest_.front() == '\t' ? std::string(k_tab - used_ % k_tab, ' ')
                                              : printable(rest_.substr(0, bytes));
    rest_.remove_prefix(bytes);
    used_ += display_columns(shown);
    text_ += shown;
    is_full_ = used_ > columns_;  // then elide() has something to cut
  }

  std::string_view rest_;
  std::size_t columns_;
  std::string text_;
  std::size_t used_ = 0;   // columns of text_
  std::size_t ahead_ = 0;  // characters drawn
  bool is_full_ = false;
};

/// How much of the lines is cut off on the left, so that the place is well inside.
std::size_t skipped(const run::Finding& finding, std::size_t columns) {
  const std::size_t at = finding.column > 0 ? finding.column - 1 : 0;
  return at < columns * 2 / 3 ? 0 : at - columns / 2;
}

void mark(Frame& frame, Strip& strip, const run::Finding& finding, std::size_t skip) {
  const std::size_t at = finding.column - 1 - skip;
  frame.caret = strip.draw_to(at);
  std::size_t end = at + 1;
  if (finding.end_line == finding.line && finding.end_column > finding.column) {
    end = finding.end_column - 1 - skip;
  }
  const std::size_t width = strip.draw_to(end) - frame.caret;
  frame.width = std::max<std::size_t>(width, 1);
}

}  // namespace

std::optional<Frame> frame_of(const run::Finding& finding, Sources& sources, std::size_t columns) {
  if (finding.line == 0 || finding.hides_source || !sources.line(finding.file, finding.line)) {
    return std::nullopt;
  }
  columns = std::max<std::size_t>(columns, 20);
  const std::size_t skip = skipped(finding, columns);
  Frame frame;
  frame.first = finding.line > k_context ? finding.line - k_context : 1;
  frame.marked = finding.line - frame.first;
  for (std::uint32_t number = frame.first; number <= finding.line + k_context; ++number) {
    const auto line = sources.line(finding.file, number);
    if (!line || (line->empty() && !sources.line(finding.file, number + 1) &&
                  number > finding.line)) {  // the end of the last line begins no other
      break;
    }
    Strip strip(*line, skip, columns);
    if (number == finding.line && finding.column > 0) {
      mark(frame, strip, finding, skip);
    }
    frame.lines.push_back(strip.take());
  }
  if (frame.width > 0) {  // never past what is shown
    frame.caret = std::min(frame.caret, columns - 1);
    frame.width = std::min(frame.width, columns - frame.caret);
  }
  return frame;
}

}  // namespace deployflow::cli
