// Collects the facts of one file while it is read.

#pragma once

#include "stages/validate/file_facts.hpp"
#include "stages/validate/reference.hpp"
#include "stages/validate/shown_size.hpp"
#include "stages/validate/url.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace deployflow::validate {

class FactsBuilder {
 public:
  /// `address` and `key` must outlive this.
  FactsBuilder(const SiteAddress& address, std::string_view key);

  /// Keep what leads to the web, too: SiteReference::is_outside.
  void keep_outside() { keeps_outside_ = true; }
  /// <base href>: counts for references that are added later.
  void set_base(std::string_view url) { resolver_.set_base(url); }
  /// Keeps what leads into the site. A malformed address is a finding.
  void add(const Reference& reference, Position at);
  /// A page says what the file at this address must be: `value` of an attribute `integrity`.
  void add_integrity(std::string_view url, std::string_view value, Position at);
  /// And it does not ask another host for leave to look at the file (`crossorigin`).
  void add_integrity_without_cors(std::string_view url, std::string_view value, Position at);
  /// A page shows the image at this address in that many pixels of CSS; nothing: it depends.
  void add_shown(std::string_view url, std::optional<ShownSize> size, Position at);
  /// An id or a name that fragments can lead to.
  void add_anchor(std::string_view name);
  /// The file is a page, and all of its anchors were added.
  void set_has_anchors() { facts_.has_anchors = true; }
  void add(Finding finding);
  /// From now on, until take_findings_after(), findings over so many in all are only counted.
  void limit_findings(std::size_t most) { most_findings_ = most; }
  [[nodiscard]] std::size_t finding_count() const { return facts_.findings.size(); }
  /// Takes back all but the first `count` findings.
  std::vector<Finding> take_findings_after(std::size_t count);
  /// How many were only counted, by code.
  [[nodiscard]] const std::map<std::string_view, std::size_t>& left_out() const {
    return left_out_;
  }
  /// The file does not want to hear of these.
  void set_ignored(RuleMask rules) { facts_.ignored = rules; }

  FileFacts finish() &&;

 private:
  void keep(Destination destination, const Reference& reference, Position at);

  std::string_view key_;
  std::string_view host_;  // of the site; empty: not known
  UrlResolver resolver_;
  bool keeps_outside_ = false;
  FileFacts facts_;
  static constexpr std::size_t k_no_limit = static_cast<std::size_t>(-1);
  std::size_t most_findings_ = k_no_limit;
  std::map<std::string_view, std::size_t> left_out_;
  // By hash of address and kind: which of facts_.references says the same, or k_nothing.
  std::unordered_map<std::uint64_t, std::size_t> seen_;
};

}  // namespace deployflow::validate
