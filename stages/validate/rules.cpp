#include "stages/validate/rules.hpp"

#include <algorithm>
#include <array>

namespace deployflow::validate {
namespace rules {

using enum Severity;

const Rule k_file_size{"size/file", error, "a file is larger than max_file_size"};
const Rule k_key_length{"key/length", error, "a key is longer than 1,024 bytes"};
const Rule k_key_characters{
    "key/characters", error, "a key has control characters or is not UTF-8"};
const Rule k_too_large{"html/too-large", warning, "a page over max_html_size, so not checked"};
const Rule k_too_complex{
    "html/too-complex", warning, "a page that no browser shows well, so not checked"};
const Rule k_empty{"html/empty", warning, "a page without content"};
const Rule k_no_markup{"html/no-markup", warning, "a page without a single tag"};
const Rule k_encoding{"html/encoding", error, "a page that is not UTF-8"};
const Rule k_charset{"html/charset", warning, "a page that declares another encoding than UTF-8"};
const Rule k_nul{"html/nul", error, "a NUL byte in a page"};
const Rule k_doctype{"html/doctype", error, "no doctype, or one that comes too late"};
const Rule k_quirks{"html/quirks", warning, "a doctype that puts browsers into quirks mode"};
const Rule k_unclosed{"html/unclosed", error, "an element without its end tag"};
const Rule k_stray{"html/stray", error, "an end tag without an element to end"};
const Rule k_stray_p{"html/stray-p", warning, "a </p> without a paragraph to end"};
const Rule k_nesting{
    "html/nesting", error, "tags that overlap, or stand where a browser moves or drops them"};
const Rule k_unfinished{
    "html/unfinished", error, "a page that ends inside a tag, comment or declaration"};
const Rule k_duplicate_attribute{"html/duplicate-attribute", error, "an attribute given twice"};
const Rule k_self_closing{"html/self-closing", warning, "/> on an element that it does not close"};
const Rule k_after_body{"html/after-body", warning, "content after </body>"};
const Rule k_character_reference{"html/character-reference", warning, "a malformed &reference;"};
const Rule k_syntax{"html/syntax", warning, "any other parse error of the HTML standard"};
const Rule k_more{"html/more", warning, "there are findings over max_findings_per_file"};
const Rule k_link_missing{"link/missing", error, "a reference to a file that the site has not"};
const Rule k_link_case{
    "link/case", error, "a reference that differs from the file's name in upper and lower case"};
const Rule k_link_fragment{"link/fragment", warning, "a #fragment that the page has not"};
const Rule k_link_malformed{"link/malformed", error, "an address that browsers do not understand"};
const Rule k_link_outside{"link/outside", error, "a reference to a place outside of the site"};
const Rule k_link_more{"link/more", warning, "there are links over max_findings_per_file"};
const Rule k_link_external{"link/external", warning, "a link out of the site that leads nowhere"};
const Rule k_link_moved{
    "link/external-moved", info, "a link out of the site to what has moved for good"};
const Rule k_link_private{
    "link/external-private", warning, "a link to a machine that visitors do not reach"};
const Rule k_link_unreachable{
    "link/external-unreachable", warning, "no network, so no link out of the site was checked"};
const Rule k_file_unread{"size/unread", warning, "a file too large to read what it refers to"};
const Rule k_site_orphan{"site/orphan", info, "a file that no page uses"};
const Rule k_site_unlinked{"site/unlinked-page", info, "a page that no other page links to"};
const Rule k_css_unused{"css/unused", info, "a style sheet that no page uses"};
const Rule k_xml_malformed{"xml/malformed", warning, "XML that no reader reads to its end"};
const Rule k_manifest{"manifest/malformed", warning, "a web app manifest that is no JSON object"};
const Rule k_ignore_unknown{
    "ignore/unknown", warning, "a comment that ignores a code that there is not"};

const Rule k_secret{"security/secret", error, "a key or a token that only its owner may know"};
const Rule k_integrity{"security/integrity", error, "a file that is not what `integrity` says"};

using enum RuleSet;

const Rule k_duplicate_id{
    "html/duplicate-id", warning, "an id that an element before it has", recommended};
const Rule k_alt{"a11y/alt", warning, "an image without a text in its place", recommended};
const Rule k_lang{"a11y/lang", warning, "a page that does not name its language", recommended};
const Rule k_label{"a11y/label", warning, "a field of a form without a label", recommended};
const Rule k_heading{"a11y/heading", warning, "a page without one <h1>", RuleSet::strict};
const Rule k_title{"seo/title", warning, "a page without a title", recommended};
const Rule k_viewport{
    "seo/viewport", warning, "a page that telephones show in the width of a desk", recommended};
const Rule k_description{
    "seo/description", warning, "a page without a description", RuleSet::strict};
const Rule k_canonical{
    "seo/canonical", warning, "a page that does not name its address", RuleSet::strict};
const Rule k_mixed_content{
    "security/mixed-content", warning, "a page by https that loads something by http", recommended};
const Rule k_noopener{
    "security/noopener", warning, "a link that hands its window to another site", RuleSet::strict};
const Rule k_private_file{
    "security/private-file", warning, "a file whose name says that it is private", recommended};
const Rule k_api_key{
    "security/api-key", warning, "a key that is no secret if its use is limited", RuleSet::strict};
const Rule k_source_map{
    "security/source-map", warning, "a source map that is about to be published", RuleSet::strict};
const Rule k_baseline_known{
    "baseline/known", info, "how many findings are left out, because the baseline has them"};
const Rule k_baseline_gone{"baseline/gone", info, "how many findings of the baseline do not occur"};
const Rule k_total_size{"size/total", error, "a site larger than max_total_size"};
const Rule k_file_count{"size/files", error, "a site of more files than max_files"};
const Rule k_page_weight{"size/page-weight",
                         warning,
                         "a page that, with all it loads, is larger than max_page_weight",
                         recommended};
const Rule k_link_empty{"link/empty", warning, "an element that loads a file and names none"};
const Rule k_link_contact{
    "link/contact", warning, "an address of mail or a telephone that is none", recommended};
const Rule k_image_broken{"image/broken", warning, "an image that browsers cannot show"};
const Rule k_image_ratio{
    "image/ratio", warning, "an image that the page shows in another shape", recommended};
const Rule k_image_oversized{
    "image/oversized", warning, "an image much larger than any page shows it", recommended};

}  // namespace rules

std::span<const Rule* const> all_rules() {
  using namespace rules;
  static constexpr std::array k_all{&k_file_size,
                                    &k_key_length,
                                    &k_key_characters,
                                    &k_too_large,
                                    &k_too_complex,
                                    &k_empty,
                                    &k_no_markup,
                                    &k_encoding,
                                    &k_charset,
                                    &k_nul,
                                    &k_doctype,
                                    &k_quirks,
                                    &k_unclosed,
                                    &k_stray,
                                    &k_stray_p,
                                    &k_nesting,
                                    &k_unfinished,
                                    &k_duplicate_attribute,
                                    &k_self_closing,
                                    &k_after_body,
                                    &k_character_reference,
                                    &k_syntax,
                                    &k_more,
                                    &k_link_missing,
                                    &k_link_case,
                                    &k_link_fragment,
                                    &k_link_malformed,
                                    &k_link_outside,
                                    &k_link_more,
                                    &k_link_external,
                                    &k_link_moved,
                                    &k_link_private,
                                    &k_link_unreachable,
                                    &k_file_unread,
                                    &k_site_orphan,
                                    &k_site_unlinked,
                                    &k_css_unused,
                                    &k_xml_malformed,
                                    &k_manifest,
                                    &k_ignore_unknown,
                                    &k_secret,
                                    &k_integrity,
                                    &k_duplicate_id,
                                    &k_alt,
                                    &k_lang,
                                    &k_label,
                                    &k_heading,
                                    &k_title,
                                    &k_viewport,
                                    &k_description,
                                    &k_canonical,
                                    &k_mixed_content,
                                    &k_noopener,
                                    &k_private_file,
                                    &k_api_key,
                                    &k_source_map,
                                    &k_baseline_known,
                                    &k_baseline_gone,
                                    &k_total_size,
                                    &k_file_count,
                                    &k_page_weight,
                                    &k_link_empty,
                                    &k_link_contact,
                                    &k_image_broken,
                                    &k_image_ratio,
                                    &k_image_oversized};
  static_assert(k_all.size() <= RuleMask().size(), "a RuleMask has a bit for each");
  return k_all;
}

bool is_rule(std::string_view code) {
  return find_rule(code) != nullptr;
}

const Rule* find_rule(std::string_view code) {
  const auto rules = all_rules();
  const auto found = std::ranges::find(rules, code, &Rule::code);
  return found != rules.end() ? *found : nullptr;
}

RuleMask bit_of(std::string_view code) {
  const auto rules = all_rules();
  const auto found = std::ranges::find(rules, code, &Rule::code);
  RuleMask out;
  if (found != rules.end()) {
    out.set(static_cast<std::size_t>(found - rules.begin()));
  }
  return out;
}

}  // namespace deployflow::validate
