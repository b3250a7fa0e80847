#include "stages/validate/facts_builder.hpp"

#include "stages/validate/anchors.hpp"
#include "stages/validate/hash.hpp"
#include "stages/validate/integrity.hpp"
#include "stages/validate/markup.hpp"
#include "stages/validate/url_pattern.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_nothing = static_cast<std::size_t>(-1);

// "#/settings" and "#!page" are addresses inside of an application: a script reads them.
bool is_for_scripts(std::string_view fragment) {
  return fragment.starts_with('/') || fragment.starts_with('!');
}

Finding of_machine(const Reference& reference, Position at) {
  Finding out =
      finding_of(rules::k_link_outside,
                 "\"" + shortened(reference.url) + "\" leads to a file of the reader's machine",
                 "publish the file with the site, and refer to it there",
                 at);
  if (reference.kind == RefKind::related) {  // it is only said: no visitor goes there
    out.severity = Severity::warning;
  }
  return out;
}

}  // namespace

FactsBuilder::FactsBuilder(const SiteAddress& address, std::string_view key)
    : key_(key), host_(address.host), resolver_(address, key) {}

void FactsBuilder::add(const Reference& reference, Position at) {
  const auto kind = static_cast<std::uint64_t>(reference.kind);
  const auto [seen, is_new] = seen_.try_emplace(hash_of(reference.url, kind), k_nothing);
  if (!is_new) {
    if (seen->second != k_nothing) {
      ++facts_.references[seen->second].count;
    }
    return;
  }
  Destination to = resolver_.resolve(reference.url);
  switch (to.where) {
    case Where::inside:
      if (is_for_scripts(to.fragment)) {
        to.fragment.clear();
      }
      if (to.path != key_ || !to.fragment.empty()) {
        seen->second = facts_.references.size();
        keep(std::move(to), reference, at);
      }
      break;
    case Where::malformed:
      add(finding_of(rules::k_link_malformed,
                     "\"" + shortened(reference.url) + "\" is no URL: " + to.why,
                     {},
                     at));
      break;
    case Where::machine:
      add(of_machine(reference, at));
      break;
    case Where::elsewhere:
      // What a page only says about itself (canonical, og:url) is where it will be, not where it
      // is.
      if (keeps_outside_ && reference.kind != RefKind::related &&
          reference.kind != RefKind::answer) {
        if (std::string url = resolver_.web_address(reference.url); !url.empty()) {
          seen->second = facts_.references.size();
          facts_.references.push_back({.path = std::move(url),
                                       .fragment = {},
                                       .kind = reference.kind,
                                       .is_outside = true,
                                       .at = at});
        }
      }
      break;
    case Where::nowhere:
      break;
  }
}

void FactsBuilder::add(Finding finding) {
  if (facts_.findings.size() < most_findings_) {
    facts_.findings.push_back(std::move(finding));
  } else {
    ++left_out_[finding.code];
  }
}

std::vector<Finding> FactsBuilder::take_findings_after(std::size_t count) {
  most_findings_ = k_no_limit;
  const auto first = facts_.findings.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<Finding> out(std::make_move_iterator(first),
                           std::make_move_iterator(facts_.findings.end()));
  facts_.findings.erase(first, facts_.findings.end());
  return out;
}

void FactsBuilder::add_integrity(std::string_view url, std::string_view value, Position at) {
  const Integrity integrity = parse_integrity(value);
  if (!integrity.mistake.empty()) {
    Finding malformed = finding_of(rules::k_integrity,
                                   "integrity: " + integrity.mistake,
                                   "browsers do not check the file, or refuse it",
                                   at);
    malformed.severity = Severity::warning;
    add(std::move(malformed));
  }
  Destination to = resolver_.resolve(url);
  const auto kind = static_cast<std::uint64_t>(RefKind::integrity);
  if (to.where == Where::inside && integrity.algorithm &&
      seen_.try_emplace(hash_of(url, hash_of(value, kind)), k_nothing).second) {
    to.fragment = value;
    keep(std::move(to), {RefKind::integrity, url}, at);
  }
}

void FactsBuilder::add_integrity_without_cors(std::string_view url,
                                              std::string_view value,
                                              Position at) {
  const bool is_elsewhere = resolver_.resolve(url).where == Where::elsewhere;
  if (!is_elsewhere || !parse_integrity(value).algorithm ||
      host_of(resolver_.web_address(url)) == host_) {  // another part of this host
    return;
  }
  Finding refused = finding_of(rules::k_integrity,
                               "integrity of another site's file without crossorigin: browsers "
                               "refuse it",
                               "add crossorigin=\"anonymous\"",
                               at);
  if (host_.empty()) {  // it may be this site's own
    refused.severity = Severity::warning;
  }
  add(std::move(refused));
}

void FactsBuilder::add_shown(std::string_view url, std::optional<ShownSize> size, Position at) {
  Destination to = resolver_.resolve(url);
  std::string text = size ? text_of(*size) : std::string();
  const auto kind = static_cast<std::uint64_t>(RefKind::shown);
  if (to.where != Where::inside) {
    return;
  }
  const auto [seen, is_new] =
      seen_.try_emplace(hash_of(url, hash_of(text, kind)), facts_.references.size());
  if (!is_new) {
    ++facts_.references[seen->second].count;
    return;
  }
  to.fragment = std::move(text);
  keep(std::move(to), {RefKind::shown, url}, at);
}

void FactsBuilder::keep(Destination destination, const Reference& reference, Position at) {
  facts_.references.push_back({.path = std::move(destination.path),
                               .fragment = std::move(destination.fragment),
                               .kind = reference.kind,
                               .above_root = destination.above_root,
                               .at = at});
}

void FactsBuilder::add_anchor(std::string_view name) {
  facts_.anchors.push_back(hash_of(name));
}

FileFacts FactsBuilder::finish() && {
  std::vector<std::uint64_t>& anchors = facts_.anchors;
  std::ranges::sort(anchors);
  anchors.erase(std::unique(anchors.begin(), anchors.end()), anchors.end());
  const auto is_met = [&](const SiteReference& r) {
    return r.kind != RefKind::integrity && r.kind != RefKind::shown && !r.is_outside &&
           r.path == key_ && has_anchor(anchors, r.fragment);
  };
  std::erase_if(facts_.references, is_met);
  return std::move(facts_);
}

}  // namespace deployflow::validate
