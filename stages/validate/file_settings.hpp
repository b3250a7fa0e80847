// Which settings count for which file: those of the stage, changed by each of `overrides` that
// means the file, in their order.

#pragma once

#include "stages/validate/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace deployflow::validate {

/// What options say over what was said before.
struct SettingsChange {
  std::optional<std::uint64_t> max_file_bytes, max_html_bytes, max_page_bytes;
  std::optional<std::uint64_t> max_total_bytes, max_files;  // not of single files
  std::optional<std::size_t> max_findings;
  std::optional<RuleSet> rules;
  std::optional<bool> is_strict;
  std::map<std::string, std::optional<Severity>> severities;  // by code; nothing = off
  std::set<std::string> ignored;                              // codes; count over `severities`

  void apply_to(Settings& settings) const;
};

struct Override {
  std::vector<std::string> globs;  // of keys, as the host understands them
  SettingsChange change;
};

class FileSettings {
 public:
  /// The same for all files.
  FileSettings(Settings all) : variants_{std::move(all)} {}  // NOLINT(google-explicit-constructor)
  /// `changes[i]`: the changes that count for file i, in their order.
  FileSettings(const Settings& all, const std::vector<std::vector<const SettingsChange*>>& changes);

  [[nodiscard]] const Settings& of(std::size_t file) const { return variants_[variant_of(file)]; }
  [[nodiscard]] const Settings& common() const { return variants_.front(); }

 private:
  [[nodiscard]] std::size_t variant_of(std::size_t file) const {
    return which_.empty() ? 0 : which_[file];
  }

  std::vector<Settings> variants_;    // the first is the common one
  std::vector<std::uint32_t> which_;  // by file; empty = all have the first
};

}  // namespace deployflow::validate
