// The phrases: counts, sizes, times, verbs, and what state a site is in. Pure.

#pragma once

#include "plugins/host/base/result.hpp"
#include "plugins/host/run/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace deployflow::cli {

/// "1 file", "412 files".
std::string count_of(std::uint64_t count, std::string_view noun);
/// "4.8 s", "214 s", "1 h 12 min".
std::string duration_text(double seconds);
/// "11.2/14.9 MiB": both in the unit of the second.
std::string bytes_of_bytes(std::uint64_t done, std::uint64_t total);

/// What a stage is about to do on all its targets, from its plan: decides its verb.
struct Doing {
  std::uint64_t sent = 0;  // put, update
  std::uint64_t headers = 0;
  std::uint64_t copied = 0;
  std::uint64_t removed = 0;
  std::uint64_t settings = 0;

  void add(run::Action action, std::uint64_t count = 1);
  [[nodiscard]] std::uint64_t total() const { return sent + headers + copied + removed + settings; }
};

/// "Uploading", "Copying", "Deleting"; empty if there is nothing to do.
std::string_view verb_doing(const Doing& doing);
/// "Would upload", "Would copy", ... of one entry of a dry run.
std::string_view verb_would(run::Action action);
/// "Uploaded", "Copied", "Deleted": of one operation.
std::string_view verb_done(run::Action action);

/// "37 new, 5 changed, 370 same, 2 to delete".
std::string describe(const run::PlanTotals& totals);
/// "2 errors, 1 warning"; "no errors" if there are neither.
std::string describe_findings(std::uint64_t errors, std::uint64_t warnings);

/// The names in JSON; documented in cli/README.md.
std::string_view name_of(run::Action action);
std::string_view name_of(run::SiteState state);
std::string_view name_of(run::Severity severity);
std::string_view name_of(run::LogLevel level);
std::string_view name_of(Errc code);

}  // namespace deployflow::cli
