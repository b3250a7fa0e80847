#include "stages/validate/markup.hpp"
#include "stages/validate/media.hpp"
#include "stages/validate/path_targets.hpp"
#include "stages/validate/site_limits.hpp"
#include "stages/validate/size_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_unknown = static_cast<std::size_t>(-1);

bool is_loaded(RefKind kind) {
  switch (kind) {
    case RefKind::frame:
    case RefKind::image:
    case RefKind::style:
    case RefKind::script:
    case RefKind::font:
    case RefKind::fragment:
    case RefKind::other:
      return true;
    default:
      return false;
  }
}

// "fonts/a" of "fonts/a.woff2": what tells formats of one font from other fonts.
std::string_view without_extension(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string_view::npos || key.find('/', dot) != std::string_view::npos
             ? key
             : key.substr(0, dot);
}

class Weights {
 public:
  Weights(const SiteIndex& index, const SiteFacts& facts)
      : index_(index),
        facts_(facts),
        paths_(index, facts),
        loads_(facts.size()),
        has_loads_(facts.size()),
        seen_by_(facts.size(), k_unknown) {}

  /// All that comes with a page, the page first.
  std::vector<std::size_t> parts_of(std::size_t page) {
    std::vector<std::size_t> parts{page};
    seen_by_[page] = page;
    for (std::size_t at = 0; at < parts.size(); ++at) {
      for (const std::size_t part : loads_of(parts[at])) {
        if (seen_by_[part] != page) {
          seen_by_[part] = page;
          parts.push_back(part);
        }
      }
    }
    return parts;
  }

 private:
  // What a file loads itself.
  const std::vector<std::size_t>& loads_of(std::size_t file) {
    std::vector<std::size_t>& out = loads_[file];
    if (has_loads_[file]) {
      return out;
    }
    has_loads_[file] = true;
    std::map<std::string_view, std::size_t> fonts;
    for (const PackedReference& reference : facts_[file].references) {
      const bool is_part = is_loaded(reference.kind) && reference.is_outside == 0;
      const std::size_t target = is_part ? paths_.of(reference) : PathTargets::k_missing;
      if (target >= facts_.size()) {  // no file
        continue;
      }
      if (reference.kind != RefKind::font) {
        out.push_back(target);
        continue;
      }
      const auto [font, is_new] =
          fonts.try_emplace(without_extension(index_.files()[target].key), target);
      if (!is_new && index_.files()[target].size < index_.files()[font->second].size) {
        font->second = target;
      }
    }
    for (const auto& [name, target] : fonts) {
      out.push_back(target);
    }
    return out;
  }

  const SiteIndex& index_;
  const SiteFacts& facts_;
  PathTargets paths_;
  std::vector<std::vector<std::size_t>> loads_;
  std::vector<bool> has_loads_;
  std::vector<std::size_t> seen_by_;  // the page that came to it last
};

// "the page and what it loads have 5.0 MiB, the limit is 3.0 MiB: a.js 4.0 MiB, ... and 3 more"
std::string words_for(std::vector<std::size_t> parts,
                      std::uint64_t bytes,
                      std::uint64_t limit,
                      std::span<const SiteFile> files) {
  constexpr std::size_t k_most_named = 5;
  constexpr std::size_t k_most_bytes = 80;  // of a name
  const std::size_t told = std::min(parts.size(), k_most_named);
  std::ranges::partial_sort(
      parts, parts.begin() + static_cast<std::ptrdiff_t>(told), [&](std::size_t a, std::size_t b) {
        return files[a].size != files[b].size ? files[a].size > files[b].size : a < b;
      });
  std::string out = "with what it loads the page has " + size_text(bytes) + ", the limit is " +
                    size_text(limit) + "; heaviest: ";
  for (std::size_t i = 0; i < told; ++i) {
    out += (i == 0 ? "" : ", ") + shortened(files[parts[i]].key, k_most_bytes) + " " +
           size_text(files[parts[i]].size);
  }
  return out;
}

}  // namespace

std::vector<FileFinding> check_page_weights(const SiteIndex& index,
                                            const SiteFacts& facts,
                                            const FileSettings& settings,
                                            const IsKnown& is_known) {
  std::vector<FileFinding> out;
  if (settings.common().scope == Scope::part) {
    return out;
  }
  const auto files = index.files();
  const Rule& rule = rules::k_page_weight;
  Weights weights(index, facts);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Settings& of_file = settings.of(i);
    if (!is_html(files[i].media_type) || !of_file.page.asks(rule) ||
        (facts[i].ignored & bit_of(rule.code)).any()) {
      continue;
    }
    std::vector<std::size_t> parts = weights.parts_of(i);
    std::uint64_t bytes = 0;
    for (const std::size_t part : parts) {
      bytes += files[part].size;
    }
    if (bytes <= of_file.max_page_bytes || (is_known && is_known(rule.code, files[i].key, ""))) {
      continue;
    }
    out.push_back({i,
                   finding_of(rule,
                              words_for(std::move(parts), bytes, of_file.max_page_bytes, files),
                              "raise max_page_weight, or make these smaller")});
    Finding& finding = out.back().finding;
    finding.severity = of_file.page.severity_of(rule.code, rule.severity);
  }
  return out;
}

}  // namespace deployflow::validate
