// References of whole sites: what is found, what is not, and how it is said.

#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace deployflow::validate {
namespace {

using Lines = std::vector<std::string>;

Settings with_url(std::string_view url) {
  Settings settings;
  settings.address = *parse_site_address(url);
  return settings;
}

// What is wrong with one reference in "docs/page.html" of a small site.
Lines check(const std::string& body, const std::string& head = "") {
  return CheckedSite({{"docs/page.html", page(body, head)},
                      {"docs/index.html", page("<h2 id=part>x</h2>")},
                      {"docs/other.html", page("<a name='old'>x</a><p id='gr\xC3\xBC\xC3\x9F'>")},
                      {"index.html", page("x")},
                      {"a b.png", ""},
                      {"Logo.png", ""},
                      {"main.css", ""}})
      .findings();
}

TEST_CASE("references to what is there are no finding, however they are written") {
  for (const std::string body : {
           "<a href=other.html>x</a>",
           "<a href=other>x</a>",
           "<a href=/docs/>x</a>",
           "<a href=/docs>x</a>",
           "<a href=..>x</a>",
           "<a href=./>x</a>",
           "<a href=''>x</a>",
           "<a href='other.html?a=b#old'>x</a>",
           "<a href='other.html#gr%C3%BC%C3%9F'>x</a>",
           "<a href='other.html#gr\xC3\xBC\xC3\x9F'>x</a>",
           "<a href='/docs/#part'>x</a>",
           "<a href='../docs#part'>x</a>",
           "<a href='#'>x</a><a href='#top'>x</a><a href='#TOP'>x</a>",
           "<a href='#here'>x</a><p id=here>x",
           "<a href='#/settings'>x</a><a href='other.html#!x'>x</a>",
           "<a href='other.html#:~:text=x'>x</a>",
           "<p id=L10><a href='#L10-L20'>x</a>",
           "<img src='../a b.png'><img src='../a%20b.png'>",
           "<img srcset='../Logo.png 1x, /a%20b.png 2x'>",
           "<a href='mailto:a@b.c'>x</a><a href='javascript:x'>x</a>",
           "<a href='https://x.example/y'>x</a>",
           "<form action='/search' method=post></form>",
           "<blockquote cite='nowhere.html'>x</blockquote>",
           "<img data-src='nowhere.png'>",
           "<template><img src='{{ url }}'></template>",
       }) {
    CHECK_MESSAGE(check(body).empty(), body);
  }
}

TEST_CASE("every attribute that HTML lets refer to a file is followed") {
  for (const std::string body : {"<a href=gone>x</a>",
                                 "<map name=m><area href=gone alt=x></map>",
                                 "<img src=gone>",
                                 "<img srcset='gone 2x'>",
                                 "<picture><source srcset=gone></picture>",
                                 "<video src=gone></video>",
                                 "<video poster=gone></video>",
                                 "<audio><source src=gone></audio>",
                                 "<video><track src=gone></video>",
                                 "<iframe src=gone></iframe>",
                                 "<embed src=gone>",
                                 "<object data=gone></object>",
                                 "<input type=image src=gone>",
                                 "<script src=gone></script>",
                                 "<form action=gone></form>",
                                 "<form><button formaction=gone>x</button></form>",
                                 "<p style='background:url(gone)'>x",
                                 "<svg><image href=gone /></svg>",
                                 "<svg><use xlink:href='gone#x' /></svg>",
                                 "<svg><a href=gone><text>x</text></a></svg>",
                                 "<template><a href=gone>x</a></template>",
                                 "<noscript><img src=gone></noscript>"}) {
    const Lines found = check(body);
    REQUIRE_MESSAGE(found.size() == 1, body);
    CHECK_MESSAGE(found[0].find("link/missing") != std::string::npos, found[0]);
    CHECK_MESSAGE(found[0].find("docs/gone: not in the site") != std::string::npos, found[0]);
    CHECK_MESSAGE(found[0].starts_with("docs/page.html:2:"), found[0]);
  }
  for (const std::string head : {"<link rel=stylesheet href=gone>",
                                 "<link rel='shortcut icon' href=gone>",
                                 "<link rel=manifest href=gone>",
                                 "<link rel=preload as=font href=gone>",
                                 "<link rel=preload as=image imagesrcset='gone 1x'>",
                                 "<link rel=canonical href=gone>",
                                 "<link rel=alternate hreflang=de href=gone>",
                                 "<link href=gone>",
                                 "<meta http-equiv=refresh content='0; url=gone'>",
                                 "<meta http-equiv=refresh content=\"0;URL='gone'\">",
                                 "<meta property=og:image content=gone>",
                                 "<meta name=twitter:image content=gone>",
                                 "<style>@import 'gone';</style>",
                                 "<style>a{b:url(gone)}</style>",
                                 "<base href=/docs/><script src=gone></script>",
                                 "<base href=/><script src=docs/gone></script>"}) {
    const Lines found = check("x", head);
    REQUIRE_MESSAGE(found.size() == 1, head);
    CHECK_MESSAGE(found[0].find("docs/gone: not in the site") != std::string::npos, found[0]);
  }
  CHECK(check("x", "<link rel=preconnect href=gone>").empty());
  CHECK(check("x", "<link rel='dns-prefetch' href=gone>").empty());
}

TEST_CASE("a place is where the address stands") {
  CHECK(check("ab <a class=x href=\"gone\">x</a>") ==
        Lines{"docs/page.html:2:20 link/missing link to docs/gone: not in the site"});
  CHECK(check("x", "\n<style>\n  a { b: url(gone) }</style>") ==
        Lines{"docs/page.html:3:14 link/missing file docs/gone: not in the site"});
}

TEST_CASE("a target that is missing is told once, with the places that want it") {
  std::map<std::string, std::string> site;
  for (const char* key : {"a.html", "b.html", "c.html", "d.html", "e.html", "f.html"}) {
    site[key] = page("<img src=logo.png><img src=logo.png>");
  }
  site["logo.svg"] = "";
  const CheckedSite checked(site);
  CHECK(checked.findings() == Lines{"a.html:2:10 link/missing image logo.png: not in the site; 2 "
                                    "times in this file; also in b.html:2:10, "
                                    "c.html:2:10, d.html:2:10 and 2 more files"});
  CHECK(checked.first_finding().hint == "did you mean logo.svg?");
}

TEST_CASE("hints name what was probably meant") {
  const auto hint = [](const std::string& body) {
    return CheckedSite({{"index.html", page(body)},
                        {"guide/install.html", page("x")},
                        {"img/photo.png", ""},
                        {"guide/setup/index.html", page("x")}})
        .first_finding()
        .hint;
  };
  CHECK(hint("<a href=guide/instal.html>x</a>") == "did you mean guide/install.html?");
  CHECK(hint("<img src=photo.png>") == "did you mean img/photo.png?");
  CHECK(hint("<a href=www.example.com/a>x</a>") ==
        "for another site write https://www.example.com/a");
  CHECK(hint("<a href=http//example.com>x</a>") == "for another site write https://example.com");
  CHECK(hint("<a href=/docs/guide/install.html>x</a>") ==
        "there is guide/install.html: if visitors see the site below /docs/, say so with `url`");
  CHECK(hint("<a href=guide/https//example.com>x</a>") ==
        "for another site write https://example.com");
  CHECK(hint("<img src=img//photo.png>") ==
        "there is img/photo.png: some servers merge slashes, stores do not");
  CHECK(hint("<a href=/something/else/entirely>x</a>").empty());
}

TEST_CASE("upper and lower case count, and the finding says that this machine may not tell") {
  CHECK(check("<img src=../logo.PNG>") ==
        Lines{"docs/page.html:2:10 link/case image logo.PNG: the name is Logo.png"});
  CHECK(check("<a href=Other>x</a>") ==
        Lines{"docs/page.html:2:9 link/case link to docs/Other: the name is docs/other"});
}

TEST_CASE("a folder without index.html is told as that") {
  CHECK(CheckedSite({{"a.html", page("<a href=img/>x</a>")}, {"img/x.png", ""}}).findings() ==
        Lines{"a.html:2:9 link/missing link to img/: the folder has no index.html"});
}

TEST_CASE("what a server adds to the address of a page it does not add to that of an image") {
  CHECK(check("<img src=other>") ==
        Lines{"docs/page.html:2:10 link/missing image docs/other: not in the site"});
}

TEST_CASE("a fragment that is missing is a warning, once for each page and fragment") {
  CHECK(check("<a href=#nope>x</a> <a href=#nope>x</a>") ==
        Lines{"docs/page.html:2:9 link/fragment this page has no #nope; 2 times in this file"});
  CHECK(check("<a href=other.html#nope>x</a>") ==
        Lines{"docs/page.html:2:9 link/fragment docs/other.html has no #nope"});
  CHECK(check("<svg><use href='#nope'/></svg>").size() == 1);
  CHECK(check("<p id=9><a href='#10-20'>x</a>").size() == 1);
}

TEST_CASE("fragments of what was not read as a page are nobody's business") {
  CHECK(CheckedSite({{"a.html", page("<a href='x.pdf#page=2'>x</a><a href='bad.html#x'>x</a>")},
                     {"x.pdf", ""},
                     {"bad.html", std::string("\xFF\xFE\0<", 4)}})
            .findings()
            .empty());
}

TEST_CASE("fragments of a page that sends its readers on are for the next page") {
  CHECK(CheckedSite({{"a.html", page("<a href=b.html#x>x</a>")},
                     {"b.html", page("x", "<meta http-equiv=refresh content='0;url=c.html'>")},
                     {"c.html", page("x")}})
            .findings()
            .empty());
}

TEST_CASE("above the root is an error if nothing is there, and a warning if browsers find it") {
  CHECK(check("<a href=../../../x.html>x</a>") ==
        Lines{"docs/page.html:2:9 link/outside link to x.html: above the root of the site"});
  const CheckedSite works({{"a.html", page("<a href=../b.html>x</a>")}, {"b.html", page("x")}});
  CHECK(works.first_finding().code == "link/outside");
  CHECK(works.first_finding().severity == Severity::warning);
}

TEST_CASE("addresses that a browser does not understand, and those of the writer's machine") {
  CHECK(
      check("<a href='https://a b/'>x</a>") ==
      Lines{
          "docs/page.html:2:9 link/malformed \"https://a b/\" is no URL: no host has such a name"});
  CHECK(check("<img src='file:///home/me/x.png'>").size() == 1);
}

TEST_CASE("with the address of the site its absolute links are checked") {
  const std::string body =
      "<a href=https://www.example.com/docs/gone>x</a>"
      "<a href=https://www.example.com/docs/b>x</a>"
      "<a href=https://www.example.com/elsewhere>x</a>";
  const std::map<std::string, std::string> site{{"a.html", page(body)}, {"b.html", page("x")}};
  CHECK(CheckedSite(site).findings().empty());
  CHECK(CheckedSite(site, with_url("https://www.example.com/docs/")).findings() ==
        Lines{"a.html:2:9 link/missing link to gone: not in the site"});
}

TEST_CASE("of one file of a site what it refers to may be where it is put") {
  Settings settings;
  settings.scope = Scope::part;
  CHECK(
      CheckedSite({{"a.html", page("<a href=gone>x</a><a href=#x>x</a>")}}, settings).findings() ==
      Lines{"a.html:2:27 link/fragment this page has no #x"});
}

TEST_CASE("a file _redirects answers addresses, and what it leads to must be there") {
  const auto found = [](const std::string& redirects) {
    return CheckedSite({{"index.html",
                         page("<a href=/old>x</a><a href=/news/2020/x>x</a><img src=/old.png>")},
                        {"new.html", page("x")},
                        {"_redirects", redirects}})
        .findings();
  };
  CHECK(found("").size() == 3);
  CHECK(found("# /old /new\n/gone /new\n").size() == 3);
  CHECK(found("/old /new.html 404\n").size() == 3);
  CHECK(found("/old/ /new 301\n/news/* /new\n") ==
        Lines{"index.html:2:54 link/missing image old.png: not in the site"});
  CHECK(found("/old /new\n/news/:year/:slug /archive/:slug\n").size() == 1);
  CHECK(found("/* /index.html 200").size() == 1);
  CHECK(found("/old id=:id /new\n/news/* /gone.html\n") ==
        Lines{"_redirects:2:9 link/missing link to gone.html: not in the site",
              "index.html:2:54 link/missing image old.png: not in the site"});
}

TEST_CASE("style sheets refer to files beside themselves") {
  CHECK(CheckedSite({{"index.html", page("x", "<link rel=stylesheet href=css/a.css>")},
                     {"css/a.css", "@import 'b.css';\na{b:url(../img/x.png)} c{d:url(img/x.png)}"},
                     {"css/b.css", ""},
                     {"img/x.png", ""}})
            .findings(Severity::info) ==
        Lines{"css/a.css:2:32 link/missing file css/img/x.png: not in the site"});
}

TEST_CASE("what nothing leads to is told as information") {
  CHECK(CheckedSite({{"index.html", page("<a href=a.html>x</a>")},
                     {"a.html", page("<a href=a.html>x</a>")},
                     {"lost.html", page("<a href=lost.html>x</a>")},
                     {"lost.css", ""},
                     {"lost.png", ""},
                     {"robots.txt", ""},
                     {".well-known/security.txt", ""}})
            .findings(Severity::info) ==
        Lines{"lost.css:0:0 css/unused no page uses this style sheet",
              "lost.html:0:0 site/unlinked-page no other page links to this page",
              "lost.png:0:0 site/orphan no page uses this file"});
  // Not a site whose pages lead to each other.
  CHECK(CheckedSite({{"lost.html", page("x")}, {"b.html", page("x")}, {"b.png", ""}})
            .findings(Severity::info)
            .empty());
}

TEST_CASE("of many files that nothing leads to a few are named, and the rest counted") {
  std::map<std::string, std::string> site{{"index.html", page("<a href=b.html>x</a>")},
                                          {"b.html", page("x")}};
  for (int i = 100; i < 112; ++i) {
    site["x" + std::to_string(i) + ".png"] = "";
  }
  CHECK(CheckedSite(site).findings(Severity::info) ==
        Lines{"x100.png:0:0 site/orphan no page uses 12 files: x100.png, x101.png, x102.png, "
              "x103.png, x104.png and 7 more"});
}

TEST_CASE(
    "of one file at most max_findings_per_file are told, errors first, and the rest counted") {
  Settings settings;
  settings.page.max_findings = 2;
  CHECK(CheckedSite(
            {{"a.html", page("<a href=#x>x</a><a href=b>x</a><a href=#y>x</a><a href=c>x</a>")}},
            settings)
            .findings() == Lines{"a.html:2:25 link/missing link to b: not in the site",
                                 "a.html:2:56 link/missing link to c: not in the site",
                                 "a.html:0:0 link/more 2 more findings about links of this file"});
}

TEST_CASE("a code that is ignored is not told") {
  Settings settings;
  settings.page.ignored = {"link/missing"};
  CHECK(CheckedSite({{"a.html", page("<a href=b>x</a><a href='https://a b'>x</a>")}}, settings)
            .findings()
            .size() == 1);
}

TEST_CASE("what a page does not want to hear is told of other pages all the same") {
  const std::string mark =
      "<!-- deployflow-ignore link/missing link/fragment: made by the server -->";
  CHECK(CheckedSite({{"a.html", page("<a href=gone.html>x</a><a href=b.html#no>x</a>" + mark)},
                     {"b.html", page("<a href=a.html>x</a>")}})
            .findings()
            .empty());
  CHECK(CheckedSite({{"a.html", page("<a href=gone.html>x</a>" + mark)},
                     {"b.html", page("<a href=gone.html>x</a>")}})
            .findings() ==
        std::vector<std::string>{"b.html:2:9 link/missing link to gone.html: not in the site"});
  // Another code of the same reference is not meant.
  CHECK(CheckedSite({{"a.html", page("<a href=B.html>x</a>" + mark)}, {"b.html", page("x")}})
            .findings()
            .size() == 1);
  const std::map<std::string, std::string> style{
      {"a.css", "/* deployflow-ignore link/missing */ a{b:url(gone.png)}"}};
  CHECK(CheckedSite(style).findings().empty());
}

TEST_CASE("a sitemap that names a page that is gone is told of, by the site's own address") {
  Settings settings;
  settings.address = *parse_site_address("https://e.com/");
  const std::string sitemap =
      "<urlset>\n<url><loc>https://e.com/</loc></url>\n<url><loc>https://e.com/gone</loc></url></"
      "urlset>";
  CHECK(CheckedSite({{"index.html", page("x")}, {"sitemap.xml", sitemap}}, settings).findings() ==
        std::vector<std::string>{"sitemap.xml:3:11 link/missing link to gone: not in the site"});
}

TEST_CASE("a web app manifest is read from where it is, and its mistakes have their place") {
  const std::string manifest =
      "{\n  \"start_url\": \"..\",\n  \"icons\": [{\"src\": \"a.png\"}, {\"src\": "
      "\"/a.png\"}]\n}\n";
  CHECK(CheckedSite({{"index.html", page("x", "<link rel=manifest href=app/x.webmanifest>")},
                     {"app/x.webmanifest", manifest},
                     {"app/a.png", ""}})
            .findings() ==
        Lines{"app/x.webmanifest:3:39 link/missing image a.png: not in the site"});
}

TEST_CASE("manifest.json is one where a page links to it as one, and only there") {
  const std::string manifest = "{\"icons\": [{\"src\": \"gone.png\"}, {\"src\": \"http://[\"}],}";
  const auto findings = [&](const std::string& head) {
    Lines codes;
    for (const std::string& line : CheckedSite({{"index.html", page("x", head)},
                                                {"manifest.json", manifest},
                                                {"b/manifest.json", manifest}})
                                       .findings()) {
      codes.push_back(line.substr(0, line.find(' ', line.find(' ') + 1)));
    }
    return codes;
  };
  CHECK(findings("").empty());
  CHECK(findings("<link rel=preload href=manifest.json>").empty());
  CHECK(findings("<link rel=manifest href=/manifest.json>") ==
        Lines{"manifest.json:1:41 link/malformed",
              "manifest.json:1:54 manifest/malformed",
              "manifest.json:1:20 link/missing"});
}

}  // namespace
}  // namespace deployflow::validate
