// What a command found, as all formats need it: collected first, then written as often as asked.

#pragma once

#include "cli/exit_code.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/run/event.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace deployflow::cli {

struct Entry {
  run::Finding finding;
  std::string rule;         // its code; never empty
  std::string path;         // of the file, as the place that reads the report knows it (Places);
                            // never empty
  std::string fingerprint;  // 32 hex digits; the same in the next run, also when lines move
};

struct Report {
  std::string command;  // "validate"
  std::string site;     // as the user named it; may be empty
  std::chrono::system_clock::time_point when;
  double seconds = 0;
  std::vector<Entry> entries;  // by path, line and column
  std::uint64_t errors = 0, warnings = 0, infos = 0;
  ExitCode code = ExitCode::done;
  std::optional<Error> failure;  // why it failed, unless error findings say it
  std::string run_id;            // empty: it did not come to a run
  std::string url;               // where the site can be seen; empty if nothing was deployed
};

/// All findings of one rule.
struct Rule {
  run::Severity gravest = run::Severity::info;
  std::uint64_t count = 0;
  std::string hint;  // of one of them
};

/// By id.
std::map<std::string, Rule> rules_of(const Report& report);

/// Errors, then warnings, then notes; among them the first of each rule before the second of any,
/// so that 3,000 unclosed tags do not hide the one dead link.
std::vector<const Entry*> gravest_first(const Report& report);

/// "html/unclosed" as words: "HTML: unclosed".
std::string title_of(const std::string& rule);

/// "2 errors, 1 warning", "no findings".
std::string describe(const Report& report);

/// "path:41:12".
std::string place_of(const Entry& entry);

}  // namespace deployflow::cli
