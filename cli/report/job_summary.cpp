#include "cli/report/github.hpp"
#include "cli/ui/terminal.hpp"
#include "cli/ui/words.hpp"
#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string>

namespace deployflow::cli {
namespace {

constexpr std::size_t k_rows = 20;
constexpr std::size_t k_longest = 300;  // columns of a message

// Every mark that Markdown or HTML could read is spelled as a character reference.
std::string markdown_text(std::string_view text, std::size_t longest = k_longest) {
  constexpr std::string_view k_marks = "\\`*_{}[]()<>#+!|~&@:$\"'";
  std::string out;
  for (const char c : elide(printable(text), longest)) {
    if (k_marks.find(c) != std::string_view::npos) {
      out += fmt::format("&#{};", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out;
}

// Only what looks like a web address becomes a link.
std::string link_to(const std::string& url) {
  const bool plain = (url.starts_with("https://") || url.starts_with("http://")) &&
                     url.find_first_of(" <>\"\\\n") == std::string::npos && printable(url) == url;
  return plain ? fmt::format("[{}](<{}>)", markdown_text(url), url) : markdown_text(url);
}

std::string heading_of(const Report& report) {
  const bool good = report.code == ExitCode::done || report.code == ExitCode::changes;
  return fmt::format("### deployflow {}: {}{}\n\n",
                     report.command,
                     describe(report),
                     good ? "" : fmt::format(" (exit code {})", static_cast<int>(report.code)));
}

std::string table_of(const Report& report) {
  std::string text = "| | place | finding | rule |\n|---|---|---|---|\n";
  const auto entries = gravest_first(report);
  for (std::size_t i = 0; i < std::min(entries.size(), k_rows); ++i) {
    const Entry& entry = *entries[i];
    text += fmt::format("| {} | {} | {} | {} |\n",
                        name_of(entry.finding.severity),
                        markdown_text(place_of(entry)),
                        markdown_text(entry.finding.message),
                        markdown_text(entry.rule));
  }
  if (entries.size() > k_rows) {
    text += fmt::format("\nand {} more\n", entries.size() - k_rows);
  }
  return text + "\n";
}

}  // namespace

std::string job_summary(const Report& report) {
  std::string text = heading_of(report);
  if (report.failure) {
    text += markdown_text(report.failure->message) + "\n\n";
    text += report.failure->hint.empty() ? "" : markdown_text(report.failure->hint) + "\n\n";
  }
  if (!report.url.empty()) {
    text += fmt::format("The site is live: {}\n\n", link_to(report.url));
  }
  if (!report.entries.empty()) {
    text += table_of(report);
  }
  return text;
}

}  // namespace deployflow::cli
