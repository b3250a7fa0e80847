// What style sheets and srcset refer to.

#include "stages/validate/css.hpp"
#include "stages/validate/redirects.hpp"
#include "stages/validate/srcset.hpp"

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

}  // namespace
}  // namespace deployflow::validate
