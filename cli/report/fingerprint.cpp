#include "cli/report/fingerprint.hpp"

#include "plugins/host/base/digest.hpp"

#include <spdlog/fmt/fmt.h>

#include <string_view>

namespace deployflow::cli {
namespace {

// Indentation changes when an element around it comes or goes.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_blanks = " \t\r\f\v";
  const std::size_t first = text.find_first_not_of(k_blanks);
  return first == std::string_view::npos
             ? std::string_view{}
             : text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
}

std::string short_digest(std::string_view text) {
  return to_hex(sha256(text)).substr(0, 32);
}

}  // namespace

std::string without_numbers(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) {
      kept += c;
    } else if (kept.empty() || kept.back() != '#') {
      kept += '#';
    }
  }
  return kept;
}

std::string Fingerprints::next(const Entry& entry, Sources& sources) {
  const auto line = sources.line(entry.finding.file, entry.finding.line);
  // What it says behind a semicolon is where else, and how often: that changes with other files.
  const std::string& whole = entry.finding.message;
  const std::string message = without_numbers(whole.substr(0, whole.find("; ")));
  std::string text;
  for (const std::string_view part : {std::string_view(entry.finding.stage),
                                      std::string_view(entry.rule),
                                      std::string_view(entry.path),
                                      std::string_view(message),
                                      trimmed(line.value_or(""))}) {
    text += part;
    text += '\0';
  }
  std::string digest = short_digest(text);
  const std::uint32_t turn = seen_[digest]++;
  return turn == 0 ? digest : short_digest(fmt::format("{}:{}", digest, turn));
}

}  // namespace deployflow::cli
