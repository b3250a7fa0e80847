#include "cli/ui/words.hpp"

#include "plugins/host/run/plan.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cmath>

namespace deployflow::cli {

using run::Action;

std::string count_of(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string duration_text(double seconds) {
  if (seconds < 99.95) {
    return fmt::format("{:.1f} s", seconds);
  }
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 600) {
    return fmt::format("{} s", whole);
  }
  const std::uint64_t minutes = whole / 60;
  return minutes < 60 ? fmt::format("{} min", minutes)
                      : fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

std::string bytes_of_bytes(std::uint64_t done, std::uint64_t total) {
  static constexpr std::array<std::string_view, 5> k_units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  double scale = 1;
  while (unit + 1 < k_units.size() && static_cast<double>(total) / scale >= 1023.95) {
    scale *= 1024;
    ++unit;
  }
  if (unit == 0) {
    return fmt::format("{}/{} B", done, total);
  }
  return fmt::format("{:.1f}/{:.1f} {}",
                     static_cast<double>(done) / scale,
                     static_cast<double>(total) / scale,
                     k_units[unit]);
}

void Doing::add(Action action, std::uint64_t count) {
  switch (action) {
    case Action::put:
    case Action::update:
      sent += count;
      break;
    case Action::headers:
      headers += count;
      break;
    case Action::copy:
      copied += count;
      break;
    case Action::remove:
      removed += count;
      break;
    case Action::setting:
      settings += count;
      break;
    case Action::keep:
      break;
  }
}

std::string_view verb_doing(const Doing& doing) {
  if (doing.sent > 0) {
    return "Uploading";
  }
  if (doing.copied > 0) {
    return "Copying";
  }
  if (doing.headers > 0) {
    return "Updating";
  }
  if (doing.removed > 0) {
    return "Deleting";
  }
  return doing.settings > 0 ? "Setting" : "";
}

std::string_view verb_would(Action action) {
  switch (action) {
    case Action::put:
      return "Would upload";
    case Action::update:
    case Action::headers:
      return "Would update";
    case Action::copy:
      return "Would copy";
    case Action::remove:
      return "Would delete";
    case Action::setting:
      return "Would set";
    case Action::keep:
      return "Would keep";
  }
  return "";
}

std::string_view verb_done(Action action) {
  switch (action) {
    case Action::put:
      return "Uploaded";
    case Action::update:
    case Action::headers:
      return "Updated";
    case Action::copy:
      return "Copied";
    case Action::remove:
      return "Deleted";
    case Action::setting:
      return "Set";
    case Action::keep:
      return "Kept";
  }
  return "";
}

std::string describe(const run::PlanTotals& totals) {
  std::string text;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
    }
  };
  add(totals.put, "new");
  add(totals.update, "changed");
  add(totals.headers, "with new headers");
  add(totals.copy, "to copy");
  add(totals.keep, "same");
  add(totals.remove, "to delete");
  add(totals.setting, totals.setting == 1 ? "setting" : "settings");
  const bool idle =
      totals.put + totals.update + totals.headers + totals.copy + totals.remove + totals.setting ==
      0;
  return idle ? text + (text.empty() ? "nothing to do" : ", nothing to do") : text;
}

std::string describe_findings(std::uint64_t errors, std::uint64_t warnings) {
  std::string text = errors > 0 ? count_of(errors, "error") : "no errors";
  return warnings > 0 ? text + ", " + count_of(warnings, "warning") : text;
}

std::string_view name_of(Action action) {
  return run::op_name(action);
}

std::string_view name_of(run::SiteState state) {
  switch (state) {
    case run::SiteState::unchanged:
      return "unchanged";
    case run::SiteState::prepared:
      return "prepared";
    case run::SiteState::changing:
      return "changing";
    case run::SiteState::current:
      return "current";
  }
  return "";
}

std::string_view name_of(run::Severity severity) {
  switch (severity) {
    case run::Severity::info:
      return "info";
    case run::Severity::warning:
      return "warning";
    case run::Severity::error:
      return "error";
  }
  return "";
}

std::string_view name_of(run::LogLevel level) {
  switch (level) {
    case run::LogLevel::trace:
      return "trace";
    case run::LogLevel::debug:
      return "debug";
    case run::LogLevel::info:
      return "info";
    case run::LogLevel::warning:
      return "warning";
    case run::LogLevel::error:
      return "error";
  }
  return "";
}

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::usage:
      return "usage";
    case Errc::config:
      return "config";
    case Errc::input:
      return "input";
    case Errc::auth:
      return "auth";
    case Errc::not_found:
      return "not_found";
    case Errc::conflict:
      return "conflict";
    case Errc::network:
      return "network";
    case Errc::remote:
      return "remote";
    case Errc::plugin:
      return "plugin";
    case Errc::cancelled:
      return "cancelled";
    case Errc::internal:
      return "internal";
  }
  return "";
}

}  // namespace deployflow::cli
