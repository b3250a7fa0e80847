#include "stages/validate/unused_files.hpp"

#include "stages/validate/markup.hpp"
#include "stages/validate/media.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace deployflow::validate {
namespace {

// Asked for by browsers, crawlers and servers, whatever pages say. Sorted.
constexpr std::array<std::string_view, 22> k_known{"404.html",
                                                   "500.html",
                                                   "CNAME",
                                                   "_headers",
                                                   "_redirects",
                                                   "ads.txt",
                                                   "app-ads.txt",
                                                   "apple-touch-icon-precomposed.png",
                                                   "apple-touch-icon.png",
                                                   "atom.xml",
                                                   "browserconfig.xml",
                                                   "favicon.ico",
                                                   "feed.xml",
                                                   "humans.txt",
                                                   "index.html",
                                                   "llms.txt",
                                                   "manifest.json",
                                                   "robots.txt",
                                                   "rss.xml",
                                                   "security.txt",
                                                   "sitemap.xml",
                                                   "sitemap_index.xml"};
static_assert(std::ranges::is_sorted(k_known));

bool has_known_address(std::string_view key) {
  return key.starts_with(".well-known/") || std::ranges::binary_search(k_known, key);
}

const Rule& rule_for(const SiteFile& file) {
  if (is_html(file.media_type)) {
    return rules::k_site_unlinked;
  }
  return is_media_type(file.media_type, "text/css") ? rules::k_css_unused : rules::k_site_orphan;
}

struct Kind {
  const Rule* rule;
  std::string_view one, many;
  std::vector<std::size_t> files = {};
};

// "no page uses this file" or "no page uses 12 files: a.png, b.png and 10 more"
std::string words_for(const Kind& kind, std::span<const SiteFile> files) {
  constexpr std::size_t k_most_names = 5;
  constexpr std::size_t k_most_bytes = 80;  // of a name
  if (kind.files.size() == 1) {
    return std::string(kind.one);
  }
  std::string out(kind.many);
  out.replace(out.find('N'), 1, std::to_string(kind.files.size()));
  const std::size_t told = std::min(kind.files.size(), k_most_names);
  for (std::size_t i = 0; i < told; ++i) {
    out += (i == 0 ? ": " : ", ") + shortened(files[kind.files[i]].key, k_most_bytes);
  }
  const std::size_t more = kind.files.size() - told;
  return more == 0 ? out : out + " and " + std::to_string(more) + " more";
}

}  // namespace

std::vector<FileFinding> find_unused(const SiteIndex& index,
                                     const LinkTargets& targets,
                                     const FileSettings& settings,
                                     const IsKnown& is_known) {
  std::array kinds{
      Kind{&rules::k_site_unlinked,
           "no other page links to this page",
           "no other page links to N pages"},
      Kind{&rules::k_css_unused, "no page uses this style sheet", "no page uses N style sheets"},
      Kind{&rules::k_site_orphan, "no page uses this file", "no page uses N files"}};
  const auto files = index.files();
  bool has_links = false;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool is_page = is_html(files[i].media_type);
    has_links = has_links || targets.is_linked[i] != 0;
    if ((is_page ? targets.is_linked : targets.is_used)[i] == 0 &&
        !has_known_address(files[i].key) && settings.of(i).page.asks(rule_for(files[i]))) {
      std::ranges::find(kinds, &rule_for(files[i]), &Kind::rule)->files.push_back(i);
    }
  }
  std::vector<FileFinding> out;
  for (Kind& kind : kinds) {
    if (has_links && is_known) {
      std::erase_if(kind.files,
                    [&](std::size_t i) { return is_known(kind.rule->code, files[i].key, ""); });
    }
    if (has_links && !kind.files.empty()) {
      out.push_back({kind.files.front(), finding_of(*kind.rule, words_for(kind, files))});
    }
  }
  return out;
}

}  // namespace deployflow::validate
