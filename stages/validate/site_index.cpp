#include "stages/validate/site_index.hpp"

#include "stages/validate/hash.hpp"
#include "stages/validate/markup.hpp"
#include "stages/validate/spelling.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace deployflow::validate {
namespace {

std::uint64_t folded_hash(std::string_view text) {
  return hash_of(lowered(text));
}

std::string_view last_segment(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view folder_of(std::string_view path) {
  return path.substr(0, path.rfind('/') + 1);
}

// Those of one hash. With std::equal_range: clang 14 cannot take the subrange of the other apart.
auto of_hash(const std::vector<std::pair<std::uint64_t, std::size_t>>& sorted, std::uint64_t hash) {
  return std::equal_range(sorted.begin(),
                          sorted.end(),
                          std::pair(hash, std::size_t{0}),
                          [](const auto& a, const auto& b) { return a.first < b.first; });
}

std::string_view without_last_slash(std::string_view path) {
  return path.substr(0, path.size() - (path.ends_with('/') ? 1 : 0));
}

// What a server tries for a place, in this order, besides the path itself.
std::vector<std::string> tries_for(std::string_view path) {
  const std::string text(path);
  if (path.empty() || path.ends_with('/')) {
    return {text + "index.html"};
  }
  return {text + ".html", text + "/index.html"};
}

}  // namespace

SiteIndex::SiteIndex(std::span<const SiteFile> files) : files_(files) {}

std::optional<std::size_t> SiteIndex::find(std::string_view key) const {
  const auto found = std::ranges::lower_bound(files_, key, {}, &SiteFile::key);
  return found != files_.end() && found->key == key
             ? std::optional(static_cast<std::size_t>(found - files_.begin()))
             : std::nullopt;
}

std::optional<std::size_t> SiteIndex::find_place(std::string_view path) const {
  if (const auto found = find(path)) {
    return found;
  }
  for (const std::string& key : tries_for(path)) {
    if (const auto found = find(key)) {
      return found;
    }
  }
  return std::nullopt;
}

void SiteIndex::add_answer(std::string_view pattern) {
  constexpr std::size_t k_most_patterns = 100;
  if (pattern.find_first_of(":*") == std::string_view::npos) {
    answers_.emplace(without_last_slash(pattern));
  } else if (patterns_.size() < k_most_patterns) {
    patterns_.emplace_back(pattern);
  }
}

bool SiteIndex::is_answered(std::string_view path) const {
  if (answers_.contains(std::string(without_last_slash(path)))) {
    return true;
  }
  if (patterns_.empty()) {
    return false;
  }
  const std::vector<std::string_view> segments = segments_of(path);
  return std::ranges::any_of(
      patterns_, [&](const AnswerPattern& pattern) { return pattern.answers(segments); });
}

std::span<const SiteFile> SiteIndex::below(std::string_view folder) const {
  const auto begin = std::ranges::lower_bound(files_, folder, {}, &SiteFile::key);
  const auto end = std::find_if_not(
      begin, files_.end(), [folder](const SiteFile& f) { return f.key.starts_with(folder); });
  return files_.subspan(static_cast<std::size_t>(begin - files_.begin()),
                        static_cast<std::size_t>(end - begin));
}

bool SiteIndex::is_folder(std::string_view path) const {
  std::string folder(path);
  folder += path.empty() || path.ends_with('/') ? "" : "/";
  const auto found = std::ranges::lower_bound(files_, folder, {}, &SiteFile::key);
  return found != files_.end() && found->key.starts_with(folder);
}

void SiteIndex::fold() const {
  if (!folded_.empty()) {
    return;
  }
  for (std::size_t i = 0; i < files_.size(); ++i) {
    folded_.emplace_back(folded_hash(files_[i].key), i);
    named_.emplace_back(hash_of(last_segment(files_[i].key)), i);
  }
  std::ranges::sort(folded_);
  std::ranges::sort(named_);
}

std::optional<std::string> SiteIndex::other_case(std::string_view path, bool is_place) const {
  fold();
  std::vector<std::string> keys{std::string(path)};
  if (is_place) {
    std::ranges::move(tries_for(path), std::back_inserter(keys));
  }
  for (const std::string& key : keys) {
    const auto [begin, end] = of_hash(folded_, folded_hash(key));
    for (auto at = begin; at != end; ++at) {
      if (equals_ignoring_case(files_[at->second].key, key)) {
        return std::string(files_[at->second].key.substr(0, path.size()));
      }
    }
  }
  return std::nullopt;
}

std::string SiteIndex::nearest(std::string_view path) const {
  constexpr std::size_t k_most_neighbours = 2000;
  constexpr std::ptrdiff_t k_most_namesakes = 5;
  fold();
  const std::string_view name = last_segment(path);
  if (name.empty()) {
    return {};
  }
  std::string_view best;
  std::size_t best_distance = most_typos(name) + 1;
  const auto neighbours = below(folder_of(path));
  const std::size_t folder_bytes = folder_of(path).size();
  for (const SiteFile& file : neighbours.first(std::min(neighbours.size(), k_most_neighbours))) {
    const std::string_view other = file.key.substr(folder_bytes);
    if (other.find('/') != std::string_view::npos) {
      continue;
    }
    const std::size_t distance = typos_between(name, other, best_distance);
    if (distance < best_distance) {
      best = file.key;
      best_distance = distance;
    }
  }
  if (!best.empty()) {
    return std::string(best);
  }
  // The same name in another folder: of a few, the one whose folder is the most alike.
  const auto [begin, end] = of_hash(named_, hash_of(name));
  if (std::distance(begin, end) > k_most_namesakes) {
    return {};
  }
  std::size_t best_common = 0;
  for (auto at = begin; at != end; ++at) {
    const std::string_view key = files_[at->second].key;
    const auto ends = std::ranges::mismatch(key, path);
    const auto common = static_cast<std::size_t>(ends.in1 - key.begin()) + 1;
    if (common > best_common || (common == best_common && key < best)) {
      best = key;
      best_common = common;
    }
  }
  return std::string(best);
}

}  // namespace deployflow::validate
