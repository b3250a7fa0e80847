// Every finding that this stage can give: one row per code. The README's table is the same list.

#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>

namespace deployflow::validate {

enum class Severity : std::uint8_t { info, warning, error };  // in this order

/// Which rules are asked; each set has those before it.
enum class RuleSet : std::uint8_t {
  essential,    // what breaks a site: no page that works is named
  recommended,  // what most people who make pages hold for mistakes
  strict        // what a careful team asks of itself
};

struct Rule {
  std::string_view code;     // stable: pipelines name it under `ignore`
  Severity severity;         // before `strict`
  std::string_view summary;  // one clause
  RuleSet set = RuleSet::essential;
};

namespace rules {
extern const Rule k_file_size, k_key_length, k_key_characters, k_too_large, k_too_complex, k_empty,
    k_no_markup, k_encoding, k_charset, k_nul, k_doctype, k_quirks, k_unclosed, k_stray, k_stray_p,
    k_nesting, k_unfinished, k_duplicate_attribute, k_self_closing, k_after_body,
    k_character_reference, k_syntax, k_more, k_link_missing, k_link_case, k_link_fragment,
    k_link_malformed, k_link_outside, k_link_more, k_link_external, k_link_moved, k_link_private,
    k_link_unreachable, k_file_unread, k_site_orphan, k_site_unlinked, k_css_unused,
    k_xml_malformed, k_manifest, k_ignore_unknown, k_secret, k_integrity, k_duplicate_id, k_alt,
    k_lang, k_label, k_heading, k_title, k_viewport, k_description, k_canonical, k_mixed_content,
    k_noopener, k_private_file, k_api_key, k_source_map, k_baseline_known, k_baseline_gone,
    k_total_size, k_file_count, k_page_weight, k_link_empty, k_link_contact, k_image_broken,
    k_image_ratio, k_image_oversized;
}  // namespace rules

/// All rules, in the order of the README's table.
std::span<const Rule* const> all_rules();

/// nullptr if there is none of this code.
const Rule* find_rule(std::string_view code);
/// Is there a rule of this code?
bool is_rule(std::string_view code);

/// A set of rules: a bit for each.
using RuleMask = std::bitset<128>;
/// That of the rule with this code; none if there is none.
RuleMask bit_of(std::string_view code);

}  // namespace deployflow::validate
