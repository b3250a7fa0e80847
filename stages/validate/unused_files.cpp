#include "stages/validate/unused_files.hpp"

#include "stages/validate/media.hpp"

#include <algorithm>
#include <array>
#include <string>

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

std::string_view words_for(const Rule& rule) {
  return &rule == &rules::k_site_unlinked ? "no other page links to this page"
         : &rule == &rules::k_css_unused  ? "no page uses this style sheet"
                                          : "no page uses this file";
}

}  // namespace

std::vector<FileFinding> find_unused(const SiteIndex& index,
                                     const SiteFacts& facts,
                                     const LinkTargets& targets) {
  constexpr std::size_t k_most = 20;
  struct Tally {
    const Rule* rule;
    std::size_t count = 0;
    std::size_t last_told = 0;  // its place in the result
  };
  std::array tallies{
      Tally{&rules::k_site_unlinked}, Tally{&rules::k_css_unused}, Tally{&rules::k_site_orphan}};
  std::vector<FileFinding> out;
  bool has_pages = false;
  const auto files = index.files();
  for (std::size_t i = 0; i < files.size() && files.size() > 1; ++i) {
    const bool is_page = is_html(files[i].media_type);
    has_pages = has_pages || facts[i].has_anchors;
    if ((is_page ? targets.is_linked : targets.is_used)[i] != 0 ||
        has_known_address(files[i].key)) {
      continue;
    }
    const Rule& rule = rule_for(files[i]);
    Tally& tally = *std::ranges::find(tallies, &rule, &Tally::rule);
    if (++tally.count <= k_most) {
      tally.last_told = out.size();
      out.push_back({i, finding_of(rule, std::string(words_for(rule)))});
    }
  }
  for (const Tally& tally : tallies) {
    if (tally.count > k_most) {
      out[tally.last_told].finding.message +=
          "; so it is with " + std::to_string(tally.count - k_most) + " more";
    }
  }
  return has_pages ? out : std::vector<FileFinding>();
}

}  // namespace deployflow::validate
