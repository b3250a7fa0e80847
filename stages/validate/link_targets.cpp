#include "stages/validate/link_targets.hpp"

#include "stages/validate/anchors.hpp"
#include "stages/validate/path_targets.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace deployflow::validate {
namespace {

// One number for what is the same mistake.
std::uint64_t mistake(std::uint64_t text, std::uint64_t file, std::uint64_t why) {
  return (text << 32U) ^ (file << 2U) ^ why;
}

class Resolution {
 public:
  Resolution(const SiteIndex& index,
             const SiteFacts& facts,
             const FileSettings& settings,
             const DigestOfFile& digest_of_file,
             const IsKnown& is_known)
      : index_(index),
        facts_(facts),
        settings_(settings),
        digest_of_file_(digest_of_file),
        is_known_(is_known),
        paths_(index, facts) {
    out_.is_linked.resize(facts.size());
    out_.is_used.resize(facts.size());
  }

  LinkTargets run() && {
    for (std::size_t file = 0; file < facts_.size(); ++file) {
      for (const PackedReference& reference : facts_[file].references) {
        see(file, reference);
      }
    }
    return std::move(out_);
  }

 private:
  // Asked once for each file and what it must be: every page of a site says the same.
  void see_integrity(std::size_t file, const PackedReference& reference) {
    const std::size_t target = paths_.of(reference);
    if (target == PathTargets::k_missing) {
      return;  // which is told of the reference itself
    }
    const std::uint64_t id = mistake(reference.fragment, target, 0);
    const auto [known, is_new] = integrity_.try_emplace(id);
    if (is_new) {
      const Integrity wanted = parse_integrity(facts_.texts()[reference.fragment]);
      const HashAlgorithm algorithm = wanted.algorithm.value_or(HashAlgorithm::sha256);
      const std::string digest = digest_of_file_(target, algorithm);
      if (std::ranges::find(wanted.digests, digest) == wanted.digests.end()) {
        known->second = std::string(name_of(algorithm)) + "-" + digest;
      }
    }
    if (!known->second.empty()) {
      add(BrokenTarget::Why::integrity, target, id, file, reference);
      if (const auto broken = broken_.find(id); broken != broken_.end()) {  // not ignored
        out_.broken[broken->second].integrity = known->second;
      }
    }
  }

  void see(std::size_t file, const PackedReference& reference) {
    if (reference.kind == RefKind::answer || reference.kind == RefKind::shown ||
        reference.is_outside != 0) {
      return;
    }
    if (reference.kind == RefKind::integrity) {
      see_integrity(file, reference);
      return;
    }
    const std::size_t target = paths_.of(reference);
    if (target == PathTargets::k_answered) {
      return;
    }
    if (target == PathTargets::k_missing) {
      if (settings_.common().scope == Scope::part) {
        return;  // the rest may be where this is put
      }
      add(BrokenTarget::Why::missing, 0, mistake(reference.path, 0, 1), file, reference);
      return;
    }
    if (reference.above_root != 0) {
      add(BrokenTarget::Why::above, target, mistake(reference.path, 0, 2), file, reference);
    }
    if (target != file) {
      out_.is_used[target] = 1;
      if (reference.kind == RefKind::page || reference.kind == RefKind::frame) {
        out_.is_linked[target] = 1;
      }
    }
    const PackedFacts& there = facts_[target];
    if (reference.fragment != 0 && there.has_anchors &&
        !has_anchor(there.anchors, facts_.texts()[reference.fragment])) {
      add(BrokenTarget::Why::fragment,
          target,
          mistake(reference.fragment, target + 1, 3),
          file,
          reference);
    }
  }

  // By the file that refers to it, or by the options; or it is known that the file does.
  bool is_left_out(BrokenTarget::Why why,
                   std::size_t target,
                   std::size_t file,
                   const PackedReference& reference) const {
    const RuleMask ignored = facts_[file].ignored;
    const PageSettings& page = settings_.of(file).page;
    if (ignored.none() && page.ignored.empty() && !is_known_) {
      return false;
    }
    const std::string_view code = rule_of(why, reference).code;
    if (page.ignored.contains(code) || (ignored & bit_of(code)).any()) {
      return true;
    }
    return is_known_ && is_known_(code, index_.files()[file].key, about(why, target, reference));
  }

  // What the reference leads to, as a baseline says it.
  std::string about(BrokenTarget::Why why,
                    std::size_t target,
                    const PackedReference& reference) const {
    if (why != BrokenTarget::Why::fragment) {
      return std::string(facts_.texts()[reference.path]);
    }
    return std::string(index_.files()[target].key) + "#" +
           std::string(facts_.texts()[reference.fragment]);
  }

  const Rule& rule_of(BrokenTarget::Why why, const PackedReference& reference) const {
    if (why == BrokenTarget::Why::fragment) {
      return rules::k_link_fragment;
    }
    if (why == BrokenTarget::Why::integrity) {
      return rules::k_integrity;
    }
    if (why == BrokenTarget::Why::missing &&
        index_.other_case(facts_.texts()[reference.path], is_place(reference.kind))) {
      return rules::k_link_case;
    }
    return why == BrokenTarget::Why::above || reference.above_root != 0 ? rules::k_link_outside
                                                                        : rules::k_link_missing;
  }

  void add(BrokenTarget::Why why,
           std::size_t target,
           std::uint64_t id,
           std::size_t file,
           const PackedReference& reference) {
    if (is_left_out(why, target, file, reference)) {
      return;
    }
    const auto [at, is_new] = broken_.try_emplace(id, out_.broken.size());
    if (is_new) {
      out_.broken.push_back(
          {.why = why, .file = target, .places = {}, .count = 0, .integrity = {}});
    }
    BrokenTarget& broken = out_.broken[at->second];
    const bool is_same_file = !broken.places.empty() && last_file_[at->second] == file;
    if (broken.places.size() < BrokenTarget::most_places) {
      broken.places.push_back({file, &reference});
    }
    broken.count += is_same_file ? 0U : 1U;
    last_file_.resize(out_.broken.size());
    last_file_[at->second] = file;
  }

  const SiteIndex& index_;
  const SiteFacts& facts_;
  const FileSettings& settings_;
  const DigestOfFile& digest_of_file_;
  const IsKnown& is_known_;
  PathTargets paths_;
  std::unordered_map<std::uint64_t, std::size_t> broken_;
  std::unordered_map<std::uint64_t, std::string>
      integrity_;                       // what the file is instead; "" = right
  std::vector<std::size_t> last_file_;  // by place in out_.broken
  LinkTargets out_;
};

}  // namespace

LinkTargets find_targets(const SiteIndex& index,
                         const SiteFacts& facts,
                         const FileSettings& settings,
                         const DigestOfFile& digest_of_file,
                         const IsKnown& is_known) {
  return Resolution(index, facts, settings, digest_of_file, is_known).run();
}

}  // namespace deployflow::validate
