#include "cli/ui/progress_line.hpp"

#include "cli/ui/terminal.hpp"
#include "cli/ui/words.hpp"
#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace deployflow::cli {
namespace {

std::string amounts(const run::Progress& progress) {
  std::string text;
  const std::string what = progress.what.empty() ? "" : " " + printable(progress.what);
  if (progress.total > 0) {
    text = fmt::format("{}/{}{}", progress.done, progress.total, what);
  } else if (progress.done > 0) {
    text = fmt::format("{}{}", progress.done, what);
  }
  const char* gap = text.empty() ? "" : "  ";
  if (progress.bytes_total > 0) {
    text += gap + bytes_of_bytes(progress.bytes_done, progress.bytes_total);
  } else if (progress.bytes_done > 0) {
    text += gap + format_bytes(progress.bytes_done);
  }
  return text;
}

double fraction(const run::Progress& progress) {
  const auto part = [](std::uint64_t done, std::uint64_t total) {
    return std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  };
  if (progress.bytes_total > 0) {
    return part(progress.bytes_done, progress.bytes_total);
  }
  return progress.total > 0 ? part(progress.done, progress.total) : 0;
}

std::string speed(const run::Progress& progress, double seconds) {
  if (seconds < 1 || progress.bytes_done == 0) {
    return "";
  }
  const double rate = static_cast<double>(progress.bytes_done) / seconds;
  std::string text = fmt::format("  {}/s", format_bytes(static_cast<std::uint64_t>(rate)));
  if (progress.bytes_total > progress.bytes_done) {
    const double left = static_cast<double>(progress.bytes_total - progress.bytes_done) / rate;
    text += fmt::format("  {} left",
                        left < 99 ? fmt::format("{:.0f} s", std::ceil(left)) : duration_text(left));
  }
  return text;
}

std::string bar(double part, std::size_t inner) {
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(inner));
  std::string text(filled, '=');
  if (filled < inner) {
    text += '>';
    text.append(inner - filled - 1, ' ');
  }
  return "[" + text + "]";
}

}  // namespace

std::string bar_text(const run::Progress& progress, double seconds, std::size_t columns) {
  constexpr std::size_t k_widest = 28;
  constexpr std::size_t k_narrowest = 8;
  std::string text = amounts(progress) + speed(progress, seconds);
  if (display_columns(text) > columns) {
    text = amounts(progress);  // half a speed says nothing
  }
  const std::size_t used = display_columns(text) + 4;  // two spaces, two brackets
  const bool known = progress.total > 0 || progress.bytes_total > 0;
  if (known && columns >= used + k_narrowest) {
    text += "  " + bar(fraction(progress), std::min(k_widest, columns - used));
  }
  return text;
}

std::string heartbeat_text(const run::Progress& progress, double seconds) {
  const std::string text = amounts(progress);
  return fmt::format("{}{}({:.0f} s)", text, text.empty() ? "" : "  ", seconds);
}

}  // namespace deployflow::cli
