#include "plugins/host/site/collision.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/base/unicode.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <string>

namespace deployflow::site {
namespace {

using ByHash = std::pair<std::uint64_t, std::uint64_t>;

Problem same_name(const Artifact& artifact, const std::string& other) {
  return {artifact.path,
          "site/same-name",
          fmt::format("the name looks the same as {}, which is spelt with other code points",
                      printable(other)),
          "rename one of them, best in the form that Unicode calls NFC"};
}

Problem same_but_case(const Artifact& artifact, const std::string& other) {
  return {artifact.path,
          "site/same-but-case",
          fmt::format("the name differs from {} only in case", printable(other)),
          "rename one of them: many file systems and mirrors keep only one",
          Problem::Severity::warning};
}

/// Of keys whose hashes are the same, and as a rule they themselves once folded.
void compare(std::span<const ByHash> group,
             const ArtifactSet& artifacts,
             std::vector<Problem>& out) {
  struct Same {
    std::string first;                          // of those with this folded form
    std::map<std::string, std::string> by_nfc;  // to the first of each
  };
  std::vector<ArtifactSet::Pointer> members;
  for (const auto& [hash, id] : group) {
    if (auto artifact = artifacts.get(id)) {
      members.push_back(std::move(artifact));
    }
  }
  std::sort(
      members.begin(), members.end(), [](const auto& a, const auto& b) { return a->key < b->key; });
  std::map<std::string, Same> by_fold;
  for (const auto& artifact : members) {
    const auto [same, is_first] = by_fold.try_emplace(fold_case(artifact->key));
    if (is_first) {
      same->second.first = artifact->key;
    }
    const auto [twin, is_alone] =
        same->second.by_nfc.try_emplace(to_nfc(artifact->key), artifact->key);
    if (!is_alone) {
      out.push_back(same_name(*artifact, twin->second));
    } else if (!is_first) {
      out.push_back(same_but_case(*artifact, same->second.first));
    }
  }
}

}  // namespace

void CollisionFinder::add(std::string_view key, std::uint64_t id) {
  folded_.emplace_back(std::hash<std::string>()(fold_case(key)), id);
}

std::vector<Problem> CollisionFinder::find(const ArtifactSet& artifacts) {
  std::vector<Problem> out;
  std::sort(folded_.begin(), folded_.end());
  for (std::size_t start = 0, end = 0; start < folded_.size(); start = end) {
    end = start + 1;
    while (end < folded_.size() && folded_[end].first == folded_[start].first) {
      ++end;
    }
    if (end - start > 1) {
      compare(std::span(folded_).subspan(start, end - start), artifacts, out);
    }
  }
  folded_ = {};
  return out;
}

}  // namespace deployflow::site
