#include "stages/validate/link_rules.hpp"

#include "stages/validate/finding_limit.hpp"
#include "stages/validate/link_targets.hpp"
#include "stages/validate/markup.hpp"
#include "stages/validate/media.hpp"
#include "stages/validate/other_places.hpp"
#include "stages/validate/unused_files.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_most_shown = 120;  // bytes of a path

std::string shown(std::string_view path) {
  return path.empty() ? "/" : shortened(path, k_most_shown);
}

// Where a host begins in a path that was meant for another site: "www.example.com",
// "docs/https//example.com"; npos if it was not.
std::size_t find_host(std::string_view path) {
  for (const std::string_view scheme : {"http//", "https//"}) {
    const std::size_t at = path.find(scheme);
    if (at != std::string_view::npos && (at == 0 || path[at - 1] == '/')) {
      return at + scheme.size();
    }
  }
  const std::string_view first = path.substr(0, path.find('/'));
  const bool is_host = first.starts_with("www.") || first.ends_with(".com") ||
                       first.ends_with(".org") || first.ends_with(".net");
  return is_host ? 0 : std::string_view::npos;
}

std::string with_single_slashes(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || !out.ends_with('/')) {
      out += c;
    }
  }
  return out;
}

class Words {
 public:
  Words(const SiteIndex& index, const SiteFacts& facts) : index_(index), facts_(facts) {}

  [[nodiscard]] Finding finding(const BrokenTarget& broken) const {
    const PackedReference& first = *broken.places.front().reference;
    Finding out = what_is_wrong(broken, first);
    if (first.count > 1 && broken.why != BrokenTarget::Why::integrity) {
      out.message += "; " + std::to_string(first.count) + " times in this file";
    }
    out.message += other_places(index_, broken.places, broken.count);
    out.line = first.line;
    out.column = first.column;
    return out;
  }

 private:
  [[nodiscard]] Finding what_is_wrong(const BrokenTarget& broken,
                                      const PackedReference& first) const {
    switch (broken.why) {
      case BrokenTarget::Why::fragment:
        return fragment(broken, first);
      case BrokenTarget::Why::above:
        return above(first);
      case BrokenTarget::Why::integrity:
        return integrity(broken);
      case BrokenTarget::Why::missing:
        break;
    }
    return missing(first);
  }

  [[nodiscard]] Finding fragment(const BrokenTarget& broken, const PackedReference& first) const {
    const std::string name = "#" + shown(facts_.texts()[first.fragment]);
    const std::string_view page = index_.files()[broken.file].key;
    const bool is_own = broken.file == broken.places.front().file;
    return finding_of(rules::k_link_fragment,
                      (is_own ? "this page" : shown(page)) + " has no " + name,
                      "no element of the page has that id");
  }

  [[nodiscard]] Finding integrity(const BrokenTarget& broken) const {
    return finding_of(
        rules::k_integrity,
        shown(index_.files()[broken.file].key) + " is not what integrity says: browsers refuse it",
        "it is " + broken.integrity);
  }

  [[nodiscard]] Finding above(const PackedReference& first) const {
    Finding out = finding_of(rules::k_link_outside,
                             std::string(reference_noun(first.kind)) + " " +
                                 shown(facts_.texts()[first.path]) + ": above the root of the site",
                             "it works because browsers stop at the root: take away the extra ../");
    out.severity = Severity::warning;
    return out;
  }

  [[nodiscard]] Finding missing(const PackedReference& first) const {
    const std::string_view path = facts_.texts()[first.path];
    const std::string noun(reference_noun(first.kind));
    if (const auto other = index_.other_case(path, is_place(first.kind))) {
      return finding_of(rules::k_link_case,
                        noun + " " + shown(path) + ": the name is " + shown(*other),
                        "this machine may not tell them apart, but stores do");
    }
    if (first.above_root != 0) {
      return finding_of(rules::k_link_outside,
                        noun + " " + shown(path) + ": above the root of the site",
                        "visitors see nothing that lies outside of it");
    }
    if (is_place(first.kind) && index_.is_folder(path)) {
      return finding_of(rules::k_link_missing,
                        noun + " " + shown(path) + ": the folder has no index.html",
                        "link to a page in it, or give it one");
    }
    return finding_of(
        rules::k_link_missing, noun + " " + shown(path) + ": not in the site", hint_for(path));
  }

  [[nodiscard]] std::string hint_for(std::string_view path) const {
    if (const std::size_t host = find_host(path); host != std::string_view::npos) {
      return "for another site write https://" + shown(path.substr(host));
    }
    if (const std::string merged = with_single_slashes(path); merged != path) {
      if (index_.find_place(merged)) {
        return "there is " + shown(merged) + ": some servers merge slashes, stores do not";
      }
    }
    const std::size_t slash = path.find('/');
    if (slash != std::string_view::npos && index_.find_place(path.substr(slash + 1)) &&
        !index_.is_folder(path.substr(0, slash))) {
      return "there is " + shown(path.substr(slash + 1)) + ": if visitors see the site below /" +
             shown(path.substr(0, slash)) + "/, say so with `url`";
    }
    if (const std::size_t mark = path.find('?');
        mark != std::string_view::npos && index_.find_place(path.substr(0, mark))) {
      return "%3F is part of the name, not the begin of a query: write ?";
    }
    constexpr int k_most_searches = 500;  // of one run: each looks at many names
    if (++searches_ > k_most_searches) {
      return {};
    }
    const std::string nearest = index_.nearest(path);
    return nearest.empty() ? "" : "did you mean " + shown(nearest) + "?";
  }

  const SiteIndex& index_;
  const SiteFacts& facts_;
  mutable int searches_ = 0;
};

}  // namespace

SiteIndex index_of(std::span<const SiteFile> files, const SiteFacts& facts) {
  SiteIndex index(files);
  if (const auto redirects = index.find("_redirects")) {
    for (const PackedReference& reference : facts[*redirects].references) {
      if (reference.kind == RefKind::answer) {
        index.add_answer(facts.texts()[reference.path]);
      }
    }
  }
  return index;
}

std::vector<FileFinding> check_links(const SiteIndex& index,
                                     const SiteFacts& facts,
                                     const FileSettings& settings,
                                     const DigestOfFile& digest_of_file,
                                     std::vector<FileFinding> of_the_web,
                                     const IsKnown& is_known) {
  const LinkTargets targets = find_targets(index, facts, settings, digest_of_file, is_known);
  const Words words(index, facts);
  std::vector<FileFinding> all = std::move(of_the_web);
  std::erase_if(all, [&](const FileFinding& f) {
    const std::string_view code = f.finding.code;
    return settings.of(f.file).page.ignored.contains(code) ||
           (is_known &&
            is_known(code, index.files()[f.file].key, stable_text(code, f.finding.message)));
  });
  for (const BrokenTarget& broken : targets.broken) {
    all.push_back({broken.places.front().file, words.finding(broken)});
  }
  for (FileFinding& unused : find_unused(index, targets, settings, is_known)) {
    all.push_back(std::move(unused));
  }
  for (FileFinding& f : all) {
    Finding& finding = f.finding;
    finding.severity = settings.of(f.file).page.severity_of(finding.code, finding.severity);
  }
  std::ranges::stable_sort(all, {}, &FileFinding::file);
  std::vector<FileFinding> out;
  for (auto begin = all.begin(); begin != all.end();) {
    const std::size_t file = begin->file;
    const auto end =
        std::find_if(begin, all.end(), [file](const FileFinding& f) { return f.file != file; });
    std::vector<Finding> of_file;
    std::transform(begin, end, std::back_inserter(of_file), [](FileFinding& f) {
      return std::move(f.finding);
    });
    keep_few(of_file,
             settings.of(file).page.max_findings,
             rules::k_link_more,
             "about links of this file");
    for (Finding& finding : of_file) {
      out.push_back({file, std::move(finding)});
    }
    begin = end;
  }
  return out;
}

}  // namespace deployflow::validate
