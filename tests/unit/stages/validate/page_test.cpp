// One claim per rule of a page: the code and the exact place.

#include "stages/validate/page.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {
namespace {

// Two lines, so that a wrong line shows; `body` begins at 2:1.
std::string page_of(std::string_view body) {
  return "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>t</title></head><body>\n" +
         std::string(body);
}

// "2:1 html/stray", joined by "; ". Whole-page findings stand at 0:0.
std::string codes_of(std::string_view page, const PageSettings& settings = {}) {
  std::string out;
  for (const Finding& f : check_page(page, settings)) {
    out += (out.empty() ? "" : "; ") + std::to_string(f.line) + ":" + std::to_string(f.column) +
           " " + std::string(f.code);
  }
  return out;
}

std::string codes_in(std::string_view body) {
  return codes_of(page_of(body));
}

TEST_CASE("a valid page gives no finding") {
  CHECK(codes_in("<h1>Hi</h1><p>text &amp; more<br><img src=x alt=''>\n</body></html>\n") == "");
  CHECK(codes_in("<ul><li>a<li>b</ul><dl><dt>a<dd>b</dl><p>one<p>two") == "");
  CHECK(codes_in("<table><caption>c<thead><tr><th>h<tbody><tr><td>a<td>b</table>") == "");
  CHECK(codes_in("<form action=x><select><option>a<option>b</select></form>") == "");
  CHECK(codes_in("<b>a <i>b</i></b><a href='?a=1&amp;b=2'>c</a>") == "");
  CHECK(codes_in("<script>if (a</b>/.x) { '</p><div>' }</script><style>a > b {}</style><p>x") ==
        "");
  CHECK(codes_in("<script><!-- <script> </script></b><p --></script><p>x") == "");
  CHECK(codes_in("<script><!-- </script><p>x") == "");
  CHECK(codes_in("<!-- a -- b ---><p>x<!----><!-- <div> -->") == "");
}

TEST_CASE("elements that are newer than gumbo, SVG and MathML are no errors") {
  CHECK(codes_in("<dialog open><search>x</search></dialog><my-part>y</my-part>") == "");
  CHECK(codes_in("<p>x<dialog><p>y</p></dialog>") == "");
  CHECK(codes_in("<picture><source srcset=a><img src=b></picture><slot></slot>") == "");
  CHECK(codes_in("<svg viewBox='0 0 1 1'><path d='M0 0'/><g><circle r=1></circle></g></svg>") ==
        "");
  CHECK(codes_in("<svg><foreignObject><p>a<div>b</div></foreignObject></svg>") == "");
  CHECK(codes_in("<math><mi>x</mi><mspace/></math><template><tr><td>x</td></tr></template>x") ==
        "");
}

TEST_CASE("an element without its end tag is found at its start tag") {
  CHECK(codes_in("<div>a") == "2:1 html/unclosed");
  CHECK(codes_in("<div>\n<span>a</div>") == "3:1 html/unclosed");
  CHECK(codes_in("<p>\xC3\xA4 <b>x</p>") == "2:6 html/unclosed");
  CHECK(codes_in("<a href=1>x<a href=2>y</a>") == "2:1 html/unclosed");
  CHECK(codes_in("<form><input>") == "2:1 html/unclosed");
  CHECK(codes_in("<form><input></form>") == "");
  CHECK(codes_in("<h1>x</h2>") == "2:1 html/unclosed");
  CHECK(codes_in("<svg><path d=1><g></g></svg>") == "2:6 html/unclosed");
  CHECK(codes_in("<script>x") == "2:1 html/unclosed");
  CHECK(codes_in("<textarea>x") == "2:1 html/unclosed");
  CHECK(codes_in("<ul><li><b>x<li>y<li>z</ul>") == "2:9 html/unclosed");
}

TEST_CASE("what ended an unclosed element is told with its place") {
  const auto findings = check_page(page_of("<div>\n<span>a\n</div>"), {});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].message == "unclosed element <span>, ended by </div> at 4:1");
}

TEST_CASE("an end tag without an element is stray") {
  CHECK(codes_in("x</div>") == "2:2 html/stray");
  CHECK(codes_in("x\t</span>") == "2:3 html/stray");
  CHECK(codes_in("<p>\xC3\xA4</i>") == "2:5 html/stray");
  CHECK(codes_in("<br></br>") == "2:5 html/stray");
  CHECK(codes_in("</form>x") == "2:1 html/stray");
  CHECK(codes_in("<p>a<div>b</div></p>") == "2:17 html/stray-p");
}

TEST_CASE("overlapping and misplaced tags are nesting errors, one for each mistake") {
  CHECK(codes_in("<b><i>a</b></i>") == "2:12 html/nesting");
  CHECK(codes_in("<div><section></div></section>") == "2:21 html/nesting");
  CHECK(codes_in("<b>x<p>y</b>z</p>") == "2:9 html/nesting");
  CHECK(codes_in("<table><tr><td>a</td><div>q</div></table>") == "2:22 html/nesting");
  CHECK(codes_in("<table>text<tr><td>a</table>") == "2:8 html/nesting");
  CHECK(codes_in("<form><form></form>") == "2:7 html/nesting");
  CHECK(codes_in("<ul><li><b>x<li>y</b></ul>") == "2:9 html/nesting");
  CHECK(codes_in("x<!doctype html>") == "2:2 html/nesting");
}

TEST_CASE("what browsers repair without a trace is a warning") {
  CHECK(codes_in("x</body></html>\n<script></script>") == "3:1 html/after-body");
  CHECK(codes_of("<!doctype html><head><title>t</title><noscript><img src=x></noscript>\n"
                 "<link rel=x href=y></head><body>x") == "1:38 html/syntax");
}

TEST_CASE("what is said of addresses stands and counts with the rest of the page") {
  CHECK(codes_in("<p><image></p><b>") == "2:4 link/empty; 2:4 html/syntax; 2:15 html/unclosed");
  std::string many = "<!DOCTYPE html><title>t</title>\n";
  for (int i = 0; i < 30; ++i) {
    many += "<img>";
  }
  const auto findings = check_page(many + "</div><b/>", {.max_findings = 3});
  REQUIRE(findings.size() == 4);
  CHECK(std::ranges::count(findings, "html/stray", &Finding::code) == 1);  // an error is kept
  CHECK(findings.back().code == "html/more");
  CHECK(findings.back().message.starts_with("30 more findings"));
  CHECK(check_page(many, {.max_findings = 3, .ignored = {"link/empty"}}).empty());
  // With a baseline all are kept but those over 10,000, and what counts them is not lost.
  std::string most = "<!DOCTYPE html><title>t</title>\n";
  for (int i = 0; i < 10'050; ++i) {
    most += "<img>\n";
  }
  const auto kept = check_page(most, {.max_findings = 3, .keeps_all = true});
  REQUIRE(kept.size() == 10'001);
  CHECK(kept.back().message == "50 more findings in this page");
  CHECK(check_page("<!DOCTYPE html><!-- deployflow-ignore link/empty --><img>", {}).empty());
}

TEST_CASE("pictures in the options of a select are no mistake, though gumbo drops them") {
  CHECK(codes_in("<select><option><svg><path d='M0 0'/></svg> A</option></select>").empty());
  CHECK(codes_in("<select><option><svg/>A</option></select>").empty());
  CHECK(codes_in("<select><option><math><mspace/><mi>x</mi></math></option></select>").empty());
  CHECK(codes_in("<select><option><svg><path d='>'/><g><circle/></g></svg></select>").empty());
  CHECK(codes_in("<select><option><svg><path></svg></select>") == "2:22 html/unclosed");
  CHECK(codes_in("<select><option><b/>x</option></select>").find("html/unclosed") !=
        std::string::npos);
}

TEST_CASE("a body that only sends its reader on has content") {
  CHECK(codes_of("<!doctype html><title>t</title><body onload=\"location = 'a.html'\"></body>")
            .empty());
  CHECK(codes_of("<!doctype html><title>t</title><meta http-equiv=refresh content='0; url=a'>")
            .empty());
  CHECK(codes_of("<!doctype html><title>t</title><meta http-equiv=refresh content='9'>") ==
        "0:0 html/empty");
}

TEST_CASE("attributes, slashes and references are judged where they stand") {
  CHECK(codes_in("a &; b<p title='&;'>x<a href='?a&;b'>y</a>").empty());
  CHECK(codes_in("<p a=1 A=2>x") == "2:8 html/duplicate-attribute");
  CHECK(codes_in("<div/>x</div>") == "2:1 html/self-closing");
  CHECK(codes_of("<!DOCTYPE html><title>t</title><img src=data:, />") == "");
  CHECK(codes_of("<!DOCTYPE html><title>t</title><svg />") == "");
  CHECK(codes_in("<p>&nonsense; &amp x &#128;") ==
        "2:4 html/character-reference; 2:15 html/character-reference; "
        "2:22 html/character-reference");
  CHECK(codes_in("<a href=\"x\"class=\"y\">z</a>") == "2:12 html/syntax");
  CHECK(codes_in("<p>a < b") == "2:6 html/syntax");
  CHECK(codes_in("<p>x<?php echo ?>") == "2:6 html/syntax");
}

TEST_CASE("a <select> may hold what gumbo does not know in it") {
  CHECK(codes_in("<select><option>x<hr><option>y</select>") == "");
  CHECK(codes_in("<select><button><selectedcontent></selectedcontent></button>"
                 "<div><option><b>x</b></option></div></select>") == "");
  CHECK(codes_in("<select><b>x</b></b><option>y</select>") == "2:17 html/stray");
  CHECK(codes_in("<select><div><option>y</select>") == "2:9 html/unclosed");
}

TEST_CASE("a page that ends too early tells inside of what") {
  CHECK(codes_in("x<!-- a") == "2:2 html/unfinished");
  CHECK(codes_in("<p>x<a href=\"y") == "2:5 html/unfinished");
  CHECK(codes_in("<p>x</p") == "2:5 html/unfinished");
}

TEST_CASE("a doctype is required, first, and may be an old one") {
  CHECK(codes_of("<title>t</title><p>x") == "1:1 html/doctype");
  CHECK(codes_of("<!-- c -->\n<p>x<!DOCTYPE html>") == "2:5 html/doctype");
  CHECK(codes_of("<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">"
                 "<title>t</title>x") == "1:1 html/quirks");
  CHECK(codes_of("<!DOCTYPE HTML PUBLIC '-//w3c//DTD HTML 3.2 Final//EN'>"
                 "<title>t</title>x") == "1:1 html/quirks");
  CHECK(codes_of("<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 4.0//EN'><title>t</title>x") == "");
  CHECK(codes_of("<!DOCTYPE html SYSTEM 'about:legacy-compat'><title>t</title>x") == "");
  CHECK(
      codes_of("<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" "
               "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\"><title>t</title>x") == "");
}

TEST_CASE("a page is UTF-8, with or without a byte order mark") {
  CHECK(codes_of("\xEF\xBB\xBF" + page_of("x</i>")) == "2:2 html/stray");
  CHECK(codes_of(std::string("\xFF\xFE<\0h\0", 6)) == "0:0 html/encoding");
  CHECK(codes_of(std::string("\0\0\xFE\xFF\0\0\0<", 8)) == "0:0 html/encoding");
  CHECK(codes_in("<p>\xC3\xA4\xE4 x") == "2:5 html/encoding");
  CHECK(codes_in("<p>\xED\xA0\x80") == "2:4 html/encoding");
  CHECK(codes_in(std::string("<p>a\0b", 6)) == "2:5 html/nul");
}

TEST_CASE("a declared encoding matters as soon as the page is more than ASCII") {
  const std::string head = "<!DOCTYPE html>\n<meta charset=iso-8859-1><title>t</title>";
  CHECK(codes_of(head + "x") == "");
  CHECK(codes_of(head + "\xC3\xA4") == "2:1 html/charset");
  const auto findings = check_page(head + "\xE4", {});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "html/encoding");
  CHECK(findings[0].hint == "it declares iso-8859-1: convert it, and its <meta>, to UTF-8");
  CHECK(codes_of("<!DOCTYPE html><title>t</title><meta http-equiv=Content-Type "
                 "content='text/html; charset=windows-1252'>\xC3\xA4") == "1:32 html/charset");
}

TEST_CASE("a page without content and one without tags are told apart") {
  CHECK(codes_of("") == "0:0 html/empty");
  CHECK(codes_of(" \n\t") == "0:0 html/empty");
  CHECK(codes_of("<!DOCTYPE html><title>t</title><body> </body>") == "0:0 html/empty");
  CHECK(codes_of("google-site-verification: google1234.html") == "0:0 html/no-markup");
  CHECK(codes_of("<!DOCTYPE html><title>t</title>"
                 "<meta http-equiv=refresh content='0;url=a/'>") == "");
}

TEST_CASE("ignored codes are left out before the cap, and errors are kept before warnings") {
  std::string body;
  for (int i = 0; i < 30; ++i) {
    body += "&amp x\n";
  }
  const std::string page = page_of(body + "</div>");
  const auto capped = check_page(page, {.max_findings = 3});
  REQUIRE(capped.size() == 4);
  CHECK(capped[2].code == "html/stray");
  CHECK(capped[2].line == 32);
  CHECK(capped[3].code == "html/more");
  CHECK(capped[3].message == "28 more findings in this page");
  CHECK(codes_of(page, {.ignored = {"html/character-reference"}}) == "32:1 html/stray");
}

TEST_CASE("a warning flood does not push an unclosed element out") {
  std::string body = "<div>";
  for (int i = 0; i < 5000; ++i) {
    body += "&amp x ";
  }
  const auto findings = check_page(page_of(body), {});
  REQUIRE(!findings.empty());
  CHECK(findings.front().code == "html/unclosed");
}

}  // namespace
}  // namespace deployflow::validate
