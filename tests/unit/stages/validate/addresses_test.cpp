#include "tests/unit/stages/validate/checked_site.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace deployflow::validate {
namespace {

using Lines = std::vector<std::string>;

Lines findings(const std::string& body) {
  Settings settings;
  settings.page.asked = {"link/contact"};
  return CheckedSite({{"a.html", page(body)}, {"b.png", "x"}}, settings).findings();
}

TEST_CASE("an element that loads a file and names none is told, at the attribute or the tag") {
  CHECK(findings("<p>x <img alt=''>") == Lines{"a.html:2:6 link/empty <img> without src"});
  CHECK(findings("<img src='' alt=''>") == Lines{"a.html:2:10 link/empty <img> with an empty src"});
  CHECK(findings("<img src alt=''>") == Lines{"a.html:2:6 link/empty <img> with an empty src"});
  for (const std::string body : {"<IMG src=' ' alt=''>",
                                 "<script src></script>",
                                 "<iframe src=''></iframe>",
                                 "<video src=''></video>",
                                 "<audio src=''></audio>",
                                 "<video><source></video>",
                                 "<video><track></video>",
                                 "<embed src>",
                                 "<object data=''>x</object>",
                                 "<video poster='' src=b.png></video>",
                                 "<img src='' aria-hidden=true alt=''>",
                                 "<meta http-equiv=refresh>",
                                 "<meta http-equiv=Refresh content=' '>",
                                 "<meta property=og:image content=''>",
                                 "<input type=image alt=x>",
                                 "<link rel=stylesheet>",
                                 "<link rel=icon href=''>"}) {
    CAPTURE(body);
    REQUIRE(findings(body).size() == 1);
    CHECK(findings(body).front().find(" link/empty ") != std::string::npos);
  }
}

TEST_CASE("an attribute without a value has a place, the same in each run") {
  CHECK(findings("<base href=/x/><p><a href>x</a>").empty());  // too late for a base
  CHECK(CheckedSite({{"a.html", page("<p><a href>x</a>", "<base href=/x/>")}}).findings() ==
        Lines{"a.html:2:7 link/missing link to x/: not in the site"});
}

TEST_CASE("what names its file elsewhere, or is given one by a script, is no empty address") {
  for (const std::string body : {"<img srcset='b.png 2x' alt=''>",
                                 "<img data-src=b.png alt=''>",
                                 "<img :src=photo alt=''>",
                                 "<img v-bind:src=photo alt=''>",
                                 "<img id=preview alt=''>",
                                 "<img src='' class=x data-lazy=b.png alt=''>",
                                 "<template><img alt=''></template>",
                                 "<script>x</script>",
                                 "<iframe src='' srcdoc='<p>x'></iframe>",
                                 "<iframe src='' name=target></iframe>",
                                 "<object>x</object>",
                                 "<embed>",
                                 "<link property=a resource=b>",
                                 "<meta name=author>",
                                 "<video controls><source src=b.png></video>",
                                 "<picture><source srcset=b.png><img src=b.png alt=''></picture>",
                                 "<link rel=preload as=image imagesrcset='b.png 2x'>",
                                 "<svg><image/><script/></svg>",
                                 "<input type=text>",
                                 "<a href=''>this page</a>",
                                 "<a>a place for a link</a>"}) {
    CAPTURE(body);
    CHECK(findings(body).empty());
  }
}

TEST_CASE("an address of mail has two sides, a telephone has digits") {
  CHECK(findings("<a href='mailto:'>x</a>") ==
        Lines{"a.html:2:9 link/contact \"mailto:\" names no address"});
  CHECK(findings("<a href='mailto:octocat'>x</a>") ==
        Lines{"a.html:2:9 link/contact \"mailto:octocat\" is no address of mail"});
  CHECK(findings("<a href='tel:'>x</a>") ==
        Lines{"a.html:2:9 link/contact \"tel:\" names no number"});
  CHECK(findings("<a href='mailto:' id=mail>x</a><a href='tel:' data-phone=1>x</a>").empty());
  CHECK(findings("<a href='TEL: call us'>x</a>") ==
        Lines{"a.html:2:9 link/contact \"TEL: call us\" has no digit"});
  for (const std::string url :
       {"mailto:@x.example", "mailto:a@", "mailto:a@b.example,c", "mailto:a?subject=b@c.example"}) {
    CAPTURE(url);
    CHECK(findings("<a href='" + url + "'>x</a>").size() == 1);
  }
  for (const std::string url : {"mailto:a@b.example",
                                "MailTo:a%40b.example?subject=x",
                                "mailto:a@b.example,c@d.example?cc=e",
                                "mailto:a@b.example,",
                                "mailto:?subject=Look&body=https://x.example",
                                "mailto:{{ address }}",
                                "mailto:[[mail]]",
                                "mailto:%MAIL%",
                                "mailto:info(at)x.example",
                                "mailto:%22Doe,%20John%22%20%3Cj@x.example%3E",
                                "tel:__PHONE__",
                                "tel:\xD9\xA0\xD9\xA1",
                                "tel:+1-555-0100",
                                "tel:112",
                                "sms:x"}) {
    CAPTURE(url);
    CHECK(findings("<a href='" + url + "'>x</a>").empty());
  }
}

TEST_CASE("a refresh that browsers pass over is an error, and leads nowhere") {
  for (const std::string content : {"-2;url=gone.html",
                                    "3x;url=gone.html",
                                    "0:url=gone.html",
                                    "url=gone.html",
                                    "3x;abc=gone.html",
                                    ";url=gone.html",
                                    ", gone.html"}) {
    CAPTURE(content);
    CHECK(
        findings("<meta http-equiv=refresh content='" + content + "'>") ==
        Lines{"a.html:2:34 link/malformed refresh \"" + content + "\" is passed over by browsers"});
  }
  for (const std::string content :
       {"0;url=b.png", "300", " .5 ", "1 b.png", "0, URL = \"b.png\"x"}) {
    CAPTURE(content);
    CHECK(findings("<meta http-equiv=refresh content='" + content + "'>").empty());
  }
  CHECK(findings("<meta http-equiv=refresh content='{{ t }};url={{ u }}'>").empty());
  CHECK(findings("<meta http-equiv=refresh content='0 gone.html'>").front().find("link/missing") !=
        std::string::npos);
}

TEST_CASE("a descriptor that no browser knows is told, as the image is passed over") {
  CHECK(findings("<img src=b.png srcset='b.png 100px' alt=''>") ==
        Lines{"a.html:2:23 link/malformed srcset: \"100px\" is no width such as 640w and no "
              "density such as 2x"});
  for (const std::string set : {"b.png 2", "b.png 0w", "b.png 1.5w", "b.png -1x", "b.png 2x y"}) {
    CAPTURE(set);
    CHECK(findings("<img src=b.png srcset='" + set + "' alt=''>").size() == 1);
  }
  CHECK(findings("<img src=b.png srcset='b.png 1y, b.png?2 2y' alt=''>").size() == 1);
  for (const std::string set : {"b.png",
                                "b.png, b.png?2 2x",
                                "b.png 640w,b.png?2 1280w",
                                "b.png 640w 480h",
                                "b.png 1.5x ,",
                                "b.png 1e1x",
                                "b.png calc(1px , 2px)",
                                "{{ photo }} {{ size }}"}) {
    CAPTURE(set);
    CHECK(findings("<img src=b.png srcset='" + set + "' alt=''>").empty() == (set.front() != '{'));
  }
}

TEST_CASE("a usemap has its map in the page, before or after it") {
  CHECK(findings("<img src=b.png alt='' usemap='#m'><map name=m></map>").empty());
  CHECK(findings("<map id=m></map><img src=b.png alt='' usemap='#m'>").empty());
  CHECK(findings("<map name=m></map><img src=b.png alt='' usemap='#m'>").empty());
  CHECK(findings("<img src=b.png alt='' usemap='#n'><map name=m></map>") ==
        Lines{"a.html:2:30 link/fragment this page has no <map> of the name n"});
  CHECK(findings("<img src=b.png alt='' usemap='m'><map name=m></map>") ==
        Lines{"a.html:2:30 link/fragment usemap=\"m\" has no # in front"});
  CHECK(findings("<img src=b.png alt='' usemap='#'><map name=''></map>").size() == 1);
}

}  // namespace
}  // namespace deployflow::validate
