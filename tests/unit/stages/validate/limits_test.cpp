#include "stages/validate/site_limits.hpp"
#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace deployflow::validate {
namespace {

// Of a site whose files have other sizes than their contents.
class Site {
 public:
  explicit Site(const std::map<std::string, std::string>& contents)
      : site_(contents), files_(site_.files()) {}

  void set_size(const std::string& key, std::uint64_t size) {
    std::ranges::find(files_, key, &SiteFile::key)->size = size;
  }
  // "a.html size/page-weight! message"
  [[nodiscard]] std::vector<std::string> weights(const FileSettings& settings,
                                                 const IsKnown& is_known = {}) const {
    SiteFacts facts(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      facts.set(i, site_.facts_of(files_[i].key));
    }
    return lines(check_page_weights(index_of(files_, facts), facts, settings, is_known));
  }
  [[nodiscard]] std::vector<std::string> sizes(const Settings& settings,
                                               const IsKnown& is_known = {}) const {
    return lines(check_site_size(files_, settings, is_known));
  }

 private:
  [[nodiscard]] std::vector<std::string> lines(const std::vector<FileFinding>& found) const {
    std::vector<std::string> out;
    for (const FileFinding& f : found) {
      out.push_back(std::string(files_[f.file].key) + " " + std::string(f.finding.code) +
                    (f.finding.severity == Severity::error ? "! " : " ") + f.finding.message);
    }
    return out;
  }

  CheckedSite site_;
  std::vector<SiteFile> files_;
};

using Lines = std::vector<std::string>;

Settings weighing(std::uint64_t limit) {
  Settings settings;
  settings.max_page_bytes = limit;
  settings.page.asked = {"size/page-weight"};
  return settings;
}

Site shop() {
  Site site({{"index.html",
              page("<img src=a.png srcset='b.png 2x'><img src=a.png><script src=c.js></script>"
                   "<a href=other.html>x</a><video src=m.mp4 poster=p.jpg></video>"
                   "<iframe src=frame.html></iframe>",
                   "<link rel=stylesheet href=s.css><link rel=icon href=i.ico>"
                   "<meta property=og:image content=g.png>")},
             {"other.html", page("<a href=index.html>x</a>")},
             {"frame.html", page("<img src=f.png>")},
             {"s.css",
              "@import 't.css';body{background:url(bg.png)}"
              "@font-face{src:url(w.woff2),url(w.woff)}@font-face{src:url(v.woff)}"},
             {"t.css", "@import 's.css';"},
             {"a.png", ""},
             {"b.png", ""},
             {"bg.png", ""},
             {"c.js", ""},
             {"f.png", ""},
             {"g.png", ""},
             {"i.ico", ""},
             {"m.mp4", ""},
             {"p.jpg", ""},
             {"v.woff", ""},
             {"w.woff", ""},
             {"w.woff2", ""}});
  // Each with a digit of its own, so that the sum says what was counted, and how often.
  std::uint64_t size = 1;
  for (const char* key : {"index.html",
                          "frame.html",
                          "s.css",
                          "t.css",
                          "a.png",
                          "bg.png",
                          "c.js",
                          "f.png",
                          "p.jpg",
                          "v.woff",
                          "w.woff2"}) {
    site.set_size(key, size);
    size *= 10;
  }
  for (const char* key : {"b.png", "g.png", "i.ico", "m.mp4", "w.woff", "other.html"}) {
    site.set_size(key, 50'000'000'000'000);
  }
  return site;
}

TEST_CASE("a page weighs what it loads, each file once, also through style sheets and frames") {
  const Site site = shop();
  CHECK(site.weights(weighing(60'000'000'000'000)).empty());
  const Lines told = site.weights(weighing(11'111'111'110));
  REQUIRE(told.size() == 2);
  CHECK(told[0] ==
        "index.html size/page-weight with what it loads the page has 10596.4 MiB, the limit is "
        "10596.4 MiB; heaviest: w.woff2 9536.7 MiB, v.woff 953.6 MiB, p.jpg 95.3 MiB, f.png 9.5 "
        "MiB, c.js 1000000 bytes");
  CHECK(told[1].starts_with("other.html "));
  CHECK(site.weights(weighing(11'111'111'111)).size() == 1);
}

TEST_CASE("a page is too heavy when only what it loads has grown, and no longer when it shrank") {
  Site site({{"a.html", page("<img src=a.png>")}, {"a.png", ""}});
  CHECK(site.weights(weighing(1000)).empty());
  site.set_size("a.png", 1000);
  CHECK(site.weights(weighing(1000)).size() == 1);
}

TEST_CASE("page weight is asked with more rules, or with a limit, and each page may have its own") {
  Site site(
      {{"a.html", page("<img src=a.png>")}, {"b.html", page("<img src=a.png>")}, {"a.png", ""}});
  site.set_size("a.png", std::uint64_t{11} << 20U);
  Settings settings;
  CHECK(site.weights(settings).empty());
  settings.page.rules = RuleSet::recommended;
  CHECK(site.weights(settings).size() == 2);
  SettingsChange light, heavy;
  light.max_page_bytes = 1000;
  heavy.max_page_bytes = std::uint64_t{20} << 20U;
  // In order of key: a.html, a.png, b.html.
  CHECK(site.weights(FileSettings(settings, {{}, {}, {&heavy}})).size() == 1);
  CHECK(site.weights(FileSettings(settings, {{&heavy}, {}, {&heavy}})).empty());
  CHECK(site.weights(FileSettings(Settings(), {{&light}, {}, {}})).size() == 1);
  CHECK(site.weights(settings, [](auto, auto key, auto) { return key == "a.html"; }).size() == 1);
  settings.scope = Scope::part;
  CHECK(site.weights(settings).empty());
}

TEST_CASE("a page says itself that it may be heavy") {
  Site site({{"a.html", page("<!-- deployflow-ignore size/page-weight --><img src=a.png>")},
             {"a.png", ""}});
  site.set_size("a.png", 1000);
  CHECK(site.weights(weighing(1000)).empty());
}

TEST_CASE("a site over its size is told at its heaviest file, to the byte") {
  Site site({{"a.bin", ""}, {"b.bin", ""}, {"c.bin", ""}});
  site.set_size("a.bin", 10);
  site.set_size("b.bin", 20);
  site.set_size("c.bin", 5);
  Settings settings;
  CHECK(site.sizes(settings).empty());
  settings.max_total_bytes = 35;
  CHECK(site.sizes(settings).empty());
  settings.max_total_bytes = 34;
  CHECK(site.sizes(settings) ==
        Lines{"b.bin size/total! the site has 35 bytes, the limit is 34 bytes; heaviest: b.bin 20 "
              "bytes, a.bin 10 bytes, c.bin 5 bytes"});
  CHECK(site.sizes(settings, [](auto, auto, auto) { return true; }).empty());
  settings.scope = Scope::part;
  CHECK(site.sizes(settings).empty());
}

TEST_CASE("a site of too many files is told with its fullest folders") {
  const Site site({{"a.bin", ""}, {"img/1", ""}, {"img/2/3", ""}, {"z/1", ""}});
  Settings settings;
  settings.max_files = 4;
  CHECK(site.sizes(settings).empty());
  settings.max_files = 3;
  CHECK(
      site.sizes(settings) ==
      Lines{"img/1 size/files! the site has 4 files, the limit is 3; most in: img/ 2, z/ 1, / 1"});
  settings.page.ignored = {"size/files"};
  CHECK(site.sizes(settings).empty());
}

}  // namespace
}  // namespace deployflow::validate
