#include "stages/validate/markup.hpp"
#include "stages/validate/site_limits.hpp"
#include "stages/validate/size_text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_most_named = 5;
constexpr std::size_t k_most_bytes = 80;  // of a name

// "img" for "img/a/b.png"; empty for what lies at the root.
std::string_view top_folder(std::string_view key) {
  const std::size_t slash = key.find('/');
  return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
}

std::string heaviest(std::span<const SiteFile> files) {
  std::vector<const SiteFile*> all;
  for (const SiteFile& file : files) {
    all.push_back(&file);
  }
  const auto told = std::min(all.size(), k_most_named);
  std::ranges::partial_sort(
      all, all.begin() + static_cast<std::ptrdiff_t>(told), [](const auto* a, const auto* b) {
        return a->size != b->size ? a->size > b->size : a->key < b->key;
      });
  std::string out;
  for (std::size_t i = 0; i < told; ++i) {
    out +=
        (i == 0 ? "" : ", ") + shortened(all[i]->key, k_most_bytes) + " " + size_text(all[i]->size);
  }
  return out;
}

// Folders of the first level with how many files they hold, the fullest first. Files are in order
// of key, so those of a folder stand together.
std::vector<std::pair<std::size_t, std::string_view>> fullest(std::span<const SiteFile> files) {
  std::vector<std::pair<std::size_t, std::string_view>> folders;
  std::size_t at_root = 0;
  for (const SiteFile& file : files) {
    const std::string_view folder = top_folder(file.key);
    if (folder.empty()) {
      ++at_root;
    } else if (!folders.empty() && folders.back().second == folder) {
      ++folders.back().first;
    } else {
      folders.emplace_back(1, folder);
    }
  }
  if (at_root > 0) {
    folders.emplace_back(at_root, "");
  }
  std::ranges::stable_sort(folders, std::ranges::greater(), [](const auto& f) { return f.first; });
  return folders;
}

}  // namespace

std::vector<FileFinding> check_site_size(std::span<const SiteFile> files,
                                         const FileSettings& settings,
                                         const IsKnown& is_known) {
  std::vector<FileFinding> out;
  const Settings& all = settings.common();
  if (all.scope == Scope::part || files.empty()) {
    return out;
  }
  const auto add = [&](std::size_t file, const Rule& rule, std::string message, std::string hint) {
    if (all.page.asks(rule) && !(is_known && is_known(rule.code, "", ""))) {
      out.push_back({file, finding_of(rule, std::move(message), std::move(hint))});
      Finding& finding = out.back().finding;
      finding.severity = all.page.severity_of(rule.code, rule.severity);
    }
  };
  std::uint64_t total = 0;
  for (const SiteFile& file : files) {
    total += file.size;
  }
  if (all.max_total_bytes && total > *all.max_total_bytes) {
    const auto first = std::ranges::max_element(files, {}, &SiteFile::size);
    add(static_cast<std::size_t>(first - files.begin()),
        rules::k_total_size,
        "the site has " + size_text(total) + ", the limit is " + size_text(*all.max_total_bytes) +
            "; heaviest: " + heaviest(files),
        "raise max_total_size, or leave files out of the site");
  }
  if (all.max_files && files.size() > *all.max_files) {
    const auto folders = fullest(files);
    std::string most;
    for (std::size_t i = 0; i < std::min(folders.size(), k_most_named); ++i) {
      const auto& [count, folder] = folders[i];
      most += (i == 0 ? "" : ", ") +
              (folder.empty() ? "/" : shortened(folder, k_most_bytes) + "/") + " " +
              std::to_string(count);
    }
    const auto first = std::ranges::find(
        files, folders.front().second, [](const SiteFile& file) { return top_folder(file.key); });
    add(static_cast<std::size_t>(first - files.begin()),
        rules::k_file_count,
        "the site has " + std::to_string(files.size()) + " files, the limit is " +
            std::to_string(*all.max_files) + "; most in: " + most,
        "raise max_files, or leave files out of the site");
  }
  return out;
}

}  // namespace deployflow::validate
