// Facts of earlier runs, so that a file that did not change is not read again. One file for each
// site and set of options, in a folder that anybody may empty; without it a run takes longer, and
// that is all.
//
// It holds what files say, not what came of it: where references lead is found out anew in each
// run, so a target that is gone is missed whoever refers to it.

#pragma once

#include "stages/validate/facts_file.hpp"
#include "stages/validate/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {

class FactsCache {
 public:
  /// `folder` is there. `site` tells one site from another: facts of the wrong one only take room.
  FactsCache(std::string folder, std::string_view site, const Settings& settings);

  /// What the last run left; nothing if there is none, or it is of no use. Lives as long as this.
  const StoredFacts& load();
  /// In place of it, for the next run. Failure is no matter.
  void save(const SiteFacts& facts, std::span<const std::optional<FileId>> ids);
  /// Files of other sites, and of options that are no more: the oldest go when there are many.
  void trim() const;

 private:
  [[nodiscard]] std::string path() const;

  std::string folder_;
  std::string name_;
  std::uint64_t stamp_;
  std::vector<std::uint64_t> words_;
  StoredFacts stored_;
};

/// What facts depend on besides the file itself: the version of the rules, and the options.
std::uint64_t stamp_of(const Settings& settings);

/// `digest`: SHA-256 in hex. `settings`: of a file that has others than FactsCache was given, their
/// stamp; else 0.
FileId id_of(std::string_view key,
             std::string_view media_type,
             std::string_view digest,
             std::uint64_t settings = 0);

}  // namespace deployflow::validate
