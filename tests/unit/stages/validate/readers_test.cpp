// What style sheets and srcset refer to.

#include "stages/validate/css.hpp"
#include "stages/validate/ignore_marks.hpp"
#include "stages/validate/redirects.hpp"
#include "stages/validate/srcset.hpp"
#include "stages/validate/web_manifest.hpp"
#include "stages/validate/xml_reader.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {
namespace {

using Lines = std::vector<std::string>;

// "style a.css", and every offset is where the address stands.
Lines css(std::string_view text) {
  Lines out;
  std::size_t last = 0;
  read_css(text, [&](const Reference& r) {
    CHECK(r.at >= last);
    CHECK(r.at <= text.size());
    last = r.at;
    out.push_back(std::string(reference_noun(r.kind)) + " " + std::string(r.url));
  });
  return out;
}

TEST_CASE("url() and @import are read as browsers read them") {
  CHECK(css("a{b:url(x.png)}") == Lines{"file x.png"});
  CHECK(css("a{b:url( \"x y.png\" )}") == Lines{"file x y.png"});
  CHECK(css("a{b:URL('x.png'),url(y.png)}") == Lines{"file x.png", "file y.png"});
  CHECK(css("a{b:url(\n x.png\t)}") == Lines{"file x.png"});
  CHECK(css("@import 'a.css';@import url(b.css) screen;@IMPORT\"c.css\"") ==
        Lines{"style sheet a.css", "style sheet b.css", "style sheet c.css"});
  CHECK(css("@font-face{src:url(a.woff2) format('x'),url(b.woff)} a{b:url(c.png)}") ==
        Lines{"font a.woff2", "font b.woff", "file c.png"});
  CHECK(css("a{b:url(x\\ y\\).png)}") == Lines{"file x y).png"});
  CHECK(css("a{b:u\\72l(x.png)}") == Lines{"file x.png"});
  CHECK(css("a{b:url('x\\\ny.png')}") == Lines{"file xy.png"});
  CHECK(css("a{b:url(\\1F600 .png)}") == Lines{"file \xF0\x9F\x98\x80.png"});
  CHECK(css("a{b:url(x.png") == Lines{"file x.png"});
}

TEST_CASE("what only looks like an address in a style sheet is none") {
  CHECK(css("/* url(x.png) */a{b:c}").empty());
  CHECK(css("a{content:'url(x.png)'}").empty());
  CHECK(css("a{b:my-url(x.png)}").empty());
  CHECK(css("a{b:url-prefix(x)}").empty());
  CHECK(css("a{b:url()}").empty());
  CHECK(css("a{b:url(\"\")}").empty());
  CHECK(css("a{filter:url(#shadow)}").empty());
  CHECK(css("a{b:url(x y.png)}").empty());
  CHECK(css("a{b:url('x\ny.png')}").empty());
  CHECK(css("a{b:url(x.png)!ie;c:url( 'y.png' ) repeat ! ie}").empty());
  CHECK(css("a{b:url(x.png)!IMPORTANT;c:d!ie}") == Lines{"file x.png"});
  CHECK(css("@namespace url(http://www.w3.org/2000/svg);a{b:url(x)}") == Lines{"file x"});
  CHECK(css("@namespace svg \"x\";").empty());
  CHECK(css("@import a 'b.css';").empty());
  CHECK(css("/* not ended url(x)").empty());
}

Lines srcset(std::string_view value) {
  Lines out;
  read_srcset(value, [&](const Reference& r) {
    CHECK(value.substr(r.at).starts_with(r.url));
    out.emplace_back(r.url);
  });
  return out;
}

TEST_CASE("srcset is a list whose commas may be part of an address") {
  CHECK(srcset("a.png") == Lines{"a.png"});
  CHECK(srcset("a.png 1x, b.png 2x") == Lines{"a.png", "b.png"});
  CHECK(srcset(" , a.png 100w ,b.png 200w,") == Lines{"a.png", "b.png"});
  CHECK(srcset("a.png, b.png 2x") == Lines{"a.png", "b.png"});
  CHECK(srcset("a,b.png 1x") == Lines{"a,b.png"});
  CHECK(srcset("data:image/png;base64,xx== 1x, b.png") ==
        Lines{"data:image/png;base64,xx==", "b.png"});
  CHECK(srcset("a.png calc(1,2), b.png") == Lines{"a.png", "b.png"});
  CHECK(srcset("").empty());
  CHECK(srcset(" , ,").empty());
}

TEST_CASE("a redirect's pattern means paths by their segments") {
  const auto answers = [](std::string_view pattern, std::string_view path) {
    return AnswerPattern(pattern).answers(segments_of(path));
  };
  CHECK(answers("old/*", "old/a/b"));
  CHECK(answers("old/*", "old"));
  CHECK(answers("*", ""));
  CHECK_FALSE(answers("old/*", "older"));
  CHECK_FALSE(answers("old/*", ""));
  CHECK(answers("news/:year/:slug", "news/2026/x"));
  CHECK(answers("news/:year/:slug", "news/2026/x/"));
  CHECK(answers("news/:year/", "news/2026"));
  CHECK_FALSE(answers("news/:year/:slug", "news/2026"));
  CHECK_FALSE(answers("news/:year/:slug", "news/2026/x/y"));
  CHECK_FALSE(answers("news/:year/end", "news/2026/other"));
  CHECK_FALSE(answers("a*b/c", "axb/c"));  // a '*' inside stands for itself
}

// "link to /a", with the place proven; of what is no XML "xml/malformed at 12".
Lines xml(std::string_view text) {
  Lines out;
  read_xml(text,
           {[&](const Reference& r) {
              CHECK(text.substr(r.at).find(r.url) != std::string_view::npos);
              out.push_back(std::string(reference_noun(r.kind)) + " " + std::string(r.url));
            },
            [&](const Rule& rule, std::size_t at, const std::string&, const std::string&) {
              out.push_back(std::string(rule.code) + " at " + std::to_string(at));
            }});
  return out;
}

TEST_CASE("a sitemap names pages, images, languages and other sitemaps") {
  CHECK(xml("<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
            "xmlns:i='http://www.google.com/schemas/sitemap-image/1.1'><url><loc>\n "
            "https://e.com/a \n</loc>"
            "<i:image><i:loc>/b.png</i:loc></i:image><lastmod>2026</lastmod></url>"
            "<url><loc>/c</loc><xhtml:link rel='alternate' hreflang='de' "
            "href='/de/c'/></url></urlset>") ==
        Lines{std::string(reference_noun(RefKind::page)) + " https://e.com/a",
              std::string(reference_noun(RefKind::image)) + " /b.png",
              std::string(reference_noun(RefKind::page)) + " /c",
              std::string(reference_noun(RefKind::related)) + " /de/c"});
  CHECK(xml("<sitemapindex><sitemap><loc>/more.xml</loc></sitemap></sitemapindex>") ==
        Lines{std::string(reference_noun(RefKind::other)) + " /more.xml"});
  CHECK(xml("<urlset><url><loc></loc></url><loc>/stray</loc></urlset>").empty());
}

TEST_CASE("feeds name pages and enclosures") {
  CHECK(xml("<rss><channel><link>/</link><item><link><![CDATA[/a]]></link><enclosure "
            "url='/a.mp3'/></item>"
            "</channel></rss>") == Lines{std::string(reference_noun(RefKind::page)) + " /",
                                         std::string(reference_noun(RefKind::page)) + " /a",
                                         std::string(reference_noun(RefKind::media)) + " /a.mp3"});
  CHECK(xml("<feed xmlns='http://www.w3.org/2005/Atom'><link rel='self' href='/feed.xml'/><entry>"
            "<link href='/a'/><link rel='enclosure' href='/a.mp3'/></entry></feed>") ==
        Lines{std::string(reference_noun(RefKind::related)) + " /feed.xml",
              std::string(reference_noun(RefKind::page)) + " /a",
              std::string(reference_noun(RefKind::media)) + " /a.mp3"});
}

TEST_CASE("other XML refers to nothing, and what is no XML is told once with its place") {
  CHECK(xml("<project><url><loc>/a</loc></url><link>/b</link></project>").empty());
  CHECK(xml("<urlset><url><loc>/a</loc></urlset>").front().starts_with("xml/malformed at "));
  CHECK(xml("<urlset><url><loc>/a</loc></urlset>").size() == 1);
  CHECK(xml("").size() == 1);
  CHECK(xml("plain").size() == 1);
  std::string deep = "<urlset>";
  for (int i = 0; i < 200'000; ++i) {
    deep += "<a>";
  }
  CHECK(xml(deep).size() == 1);
  for (int i = 0; i < 200'000; ++i) {
    deep += "</a>";
  }
  CHECK(xml(deep + "</urlset>").empty());
}

TEST_CASE(
    "a comment says which codes nobody wants to hear of, and one that there is not is named") {
  const auto marks = [](std::string_view text, CommentSyntax syntax = CommentSyntax::html) {
    Lines out;
    const IgnoreMarks found = read_ignore_marks(text, syntax);
    for (const Rule* rule : all_rules()) {
      if ((found.rules & bit_of(rule->code)).any()) {
        out.emplace_back(rule->code);
      }
    }
    for (const auto& unknown : found.unknown) {
      CHECK(text.substr(unknown.at).starts_with(unknown.code));
      out.push_back("? " + std::string(unknown.code));
    }
    return out;
  };
  CHECK(marks("<!-- deployflow-ignore link/missing -->") == Lines{"link/missing"});
  CHECK(marks("<!--deployflow-ignore html/stray,link/missing,\n html/nesting-->") ==
        Lines{"html/stray", "html/nesting", "link/missing"});
  CHECK(marks("a <!-- deployflow-ignore html/stray: html/nesting is not --> b") ==
        Lines{"html/stray"});
  CHECK(marks("<!-- deployflow-ignore html/stray -->x<!-- deployflow-ignore html/nul -->") ==
        Lines{"html/nul", "html/stray"});
  CHECK(marks("<!-- deployflow-ignore link/mising -->") == Lines{"? link/mising"});
  CHECK(marks("<!-- deployflow-ignore -->").empty());
  CHECK(marks("<!-- deployflow-ignored html/stray -->").empty());
  CHECK(marks("deployflow-ignore html/stray -->").empty());
  CHECK(marks("<!-- deployflow-ignore html/stray").empty());
  CHECK(marks("/* deployflow-ignore link/missing */", CommentSyntax::css) == Lines{"link/missing"});
  CHECK(marks("/* deployflow-ignore link/missing */").empty());
}

// As xml() above; a reference stands behind its quote.
Lines manifest(std::string_view text) {
  Lines out;
  read_web_manifest(
      text,
      {[&](const Reference& r) {
         CHECK(text.substr(r.at).starts_with('"'));
         out.push_back(std::string(reference_noun(r.kind)) + " " + std::string(r.url) + " at " +
                       std::to_string(r.at));
       },
       [&](const Rule& rule, std::size_t at, const std::string& message, const std::string&) {
         out.push_back(std::string(rule.code) + " at " + std::to_string(at) + ": " + message);
       }});
  return out;
}

TEST_CASE("a web app manifest names pages and images, with the place of each") {
  CHECK(manifest(R"({"name": "x", "start_url":"/a", "scope": "/b", "id": "/c"})") ==
        Lines{"link to /a at 26"});
  CHECK(manifest(R"({"icons": [{"sizes": "1x1", "src": "a\".png"}, {"src": "b.png"}],
                     "screenshots": [{"src": "c.png"}], "src": "no"})") ==
        Lines{"image a\".png at 35", "image b.png at 55", "image c.png at 111"});
  CHECK(manifest(R"({"shortcuts":[{"url":"/s","icons":[{"src":"s.png"}]}]})") ==
        Lines{"link to /s at 21", "image s.png at 42"});
  CHECK(manifest(R"({"file_handlers":[{"action":"/f","icons":[{"src":"f.png"}]}]})") ==
        Lines{"link to /f at 28", "image f.png at 49"});
  CHECK(manifest(R"({"protocol_handlers":[{"url":"/p?u=%s"},{"url":"/%s"}]})") ==
        Lines{"link to /p?u=%s at 29"});
  CHECK(manifest(R"({"note_taking":{"new_note_url":"/n"}})") == Lines{"link to /n at 31"});
  CHECK(manifest(R"({"x":[1,-2,3.5,1e9,true,null,"y"],"start_url":"/a"})") ==
        Lines{"link to /a at 46"});
  CHECK(manifest("\xEF\xBB\xBF{\"start_url\":\"/a\"}") == Lines{"link to /a at 16"});
}

TEST_CASE("what is shared by POST has no file, by GET it has") {
  CHECK(manifest(R"({"share_target":{"action":"/s","method":"POST"}})").empty());
  CHECK(manifest(R"({"share_target":{"method":"post","action":"/s"}})").empty());
  CHECK(manifest(R"({"share_target":{"action":"/s","method":"GET"}})") ==
        Lines{"link to /s at 26"});
  CHECK(manifest(R"({"share_target":{"action":"/s","params":{"title":"t"}}})") ==
        Lines{"link to /s at 26"});
}

TEST_CASE("what only looks like a reference of a manifest is none") {
  CHECK(manifest(R"({"start_url":"", "icons":{"src":"a"}, "a":{"start_url":"b"}})").empty());
  CHECK(manifest(R"({"icons[]/src":"a", "icons":["b",["c"]]})").empty());
  CHECK(manifest(R"([{"start_url":"a"}])") ==
        Lines{"manifest/malformed at 0: the manifest is no JSON object"});
}

TEST_CASE("a manifest that is no JSON is told once, where it goes wrong, without its words") {
  CHECK(manifest("") == Lines{"manifest/malformed at 0: this is no JSON: unexpected end of input; "
                              "expected '[', '{', or a literal"});
  CHECK(manifest(" \n\"x\"") == Lines{"manifest/malformed at 2: the manifest is no JSON object"});
  CHECK(manifest(R"({"a": 1,})") == Lines{"manifest/malformed at 8: this is no JSON: unexpected "
                                          "'}'; expected string literal"});
  CHECK(
      manifest(R"({"start_url": "/a" "b": 1})") ==
      Lines{"link to /a at 14",
            "manifest/malformed at 19: this is no JSON: unexpected string literal; expected '}'"});
  CHECK(manifest("{\"a\": \"secret\n\"}") ==
        Lines{"manifest/malformed at 13: this is no JSON: invalid string: control character U+000A "
              "(LF) must be escaped to \\u000A or \\n"});
  CHECK(manifest("{\"a\": 1e999}").empty());
}

}  // namespace
}  // namespace deployflow::validate
