// What makes a finding the same one in the next run: its rule, its file, what it says and the text
// of its line, but not where that line stands.

#pragma once

#include "cli/report/report.hpp"
#include "cli/report/sources.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace deployflow::cli {

/// "ended by </p> at 1:10" as "ended by </p> at #:#": where that is moves.
std::string without_numbers(std::string_view text);

/// Of the findings of one run, each different. One thread.
class Fingerprints {
 public:
  /// 32 hex digits. Call it in order of places: what is alike is told apart by its turn.
  std::string next(const Entry& entry, Sources& sources);

 private:
  std::unordered_map<std::string, std::uint32_t> seen_;
};

}  // namespace deployflow::cli
