#include "stages/validate/file_settings.hpp"

#include "stages/validate/facts_cache.hpp"
#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::validate {
namespace {

std::string codes_of(const std::string& page, const PageSettings& settings) {
  std::string out;
  for (const Finding& f : check_page(page, settings)) {
    out += (out.empty() ? "" : " ") + std::string(f.code) +
           (f.severity == Severity::error  ? "!"
            : f.severity == Severity::info ? "?"
                                           : "");
  }
  return out;
}

TEST_CASE(
    "each change that means a file counts in its turn, and files alike share their settings") {
  Settings all;
  all.page.ignored = {"html/stray"};
  SettingsChange first, second;
  first.max_file_bytes = 1;
  first.max_html_bytes = 2;
  first.severities = {{"html/stray", Severity::info}, {"html/nul", std::nullopt}};
  second.max_file_bytes = 3;
  second.rules = RuleSet::strict;
  second.is_strict = true;
  second.max_findings = 7;
  second.ignored = {"html/stray"};
  const FileSettings settings(all, {{}, {&first}, {&first, &second}, {&first}, {&second, &first}});
  CHECK(&settings.of(0) == &settings.common());
  CHECK(settings.of(0).max_file_bytes == all.max_file_bytes);
  CHECK(settings.of(1).max_file_bytes == 1);
  CHECK(settings.of(1).page.severity_of("html/stray", Severity::error) == Severity::info);
  CHECK(settings.of(1).page.asks(rules::k_stray));
  CHECK_FALSE(settings.of(1).page.asks(rules::k_nul));
  CHECK_FALSE(settings.of(1).is_strict);
  CHECK(&settings.of(3) == &settings.of(1));
  CHECK(settings.of(2).max_file_bytes == 3);
  CHECK(settings.of(2).max_html_bytes == 2);
  CHECK(settings.of(2).is_strict);
  CHECK(settings.of(2).page.max_findings == 7);
  CHECK(settings.of(2).page.rules == RuleSet::strict);
  CHECK_FALSE(settings.of(2).page.asks(rules::k_stray));
  CHECK(settings.of(4).max_file_bytes == 1);
  CHECK(settings.of(4).page.asks(rules::k_stray));
}

TEST_CASE("a rule with a severity of its own is asked whatever the set, and has that severity") {
  const std::string page = "<!DOCTYPE html><html lang=en><p>text</i></html>";
  CHECK(codes_of(page, {}) == "html/stray!");
  CHECK(codes_of(page, {.severities = {{"seo/title", Severity::error}}}) ==
        "seo/title! html/stray!");
  CHECK(codes_of(page, {.severities = {{"html/stray", Severity::info}}}) == "html/stray?");
  CHECK(
      codes_of(page, {.ignored = {"seo/title"}, .severities = {{"seo/title", Severity::error}}}) ==
      "html/stray!");
}

TEST_CASE("what is told of many is chosen by the severity that the options give") {
  const std::string page = "<!DOCTYPE html>&amp x<p>a</i></p>";
  CHECK(codes_of(page, {.max_findings = 1}) == "html/stray! html/more");
  CHECK(codes_of(page,
                 {.max_findings = 1,
                  .severities = {{"html/stray", Severity::info},
                                 {"html/character-reference", Severity::error}}}) ==
        "html/character-reference! html/more");
}

TEST_CASE("a reference is judged by the settings of the file that it stands in") {
  Settings all;
  SettingsChange off, warning;
  off.severities = {{"link/missing", std::nullopt}};
  warning.severities = {{"link/missing", Severity::warning}};
  const CheckedSite site({{"a.html", page("<a href=gone.html>x</a><a href=b.html>x</a>")},
                          {"b.html", page("<a href=gone.html>x</a><a href=c.html>x</a>")},
                          {"c.html", page("<a href=gone.html>x</a><a href=a.html>x</a>")}});
  const auto found = site.links(FileSettings(all, {{&off}, {&warning}, {}}));
  REQUIRE(found.size() == 1);
  CHECK(found[0].file == 1);
  CHECK(found[0].finding.severity == Severity::warning);
  CHECK(found[0].finding.message == "link to gone.html: not in the site; also in c.html:2:9");
}

TEST_CASE("facts are another file's when its settings are others") {
  Settings all;
  SettingsChange change;
  change.severities = {{"html/stray", Severity::info}};
  const FileSettings settings(all, {{}, {&change}});
  CHECK(stamp_of(settings.of(0)) != stamp_of(settings.of(1)));
  const std::string digest(64, 'a');
  CHECK(id_of("a", "text/html", digest) == id_of("a", "text/html", digest, 0));
  const bool is_same =
      id_of("a", "text/html", digest) == id_of("a", "text/html", digest, stamp_of(settings.of(1)));
  CHECK_FALSE(is_same);
}

}  // namespace
}  // namespace deployflow::validate
