#include "stages/shape/robots_meta.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using deployflow::shape::find_robots_place;
using deployflow::shape::RobotsMeta;
using deployflow::shape::RobotsPlace;

namespace {

/// The page with '|' where the tag would go; "has it", "nowhere", "other bytes".
std::string place_in(std::string_view page) {
  const RobotsMeta found = find_robots_place(page);
  switch (found.place) {
    case RobotsPlace::here:
      return std::string(page.substr(0, found.at)) + "|" + std::string(page.substr(found.at));
    case RobotsPlace::has_it:
      return "has it";
    case RobotsPlace::nowhere:
      return "nowhere";
    case RobotsPlace::other_bytes:
      return "other bytes";
  }
  return "?";
}

}  // namespace

TEST_CASE("the tag is the first thing in the head") {
  CHECK(place_in("<!doctype html><html lang=en><head><title>a</title>") ==
        "<!doctype html><html lang=en><head>|<title>a</title>");
  CHECK(place_in("<HTML>\n<HEAD profile=\"a>b\">x") == "<HTML>\n<HEAD profile=\"a>b\">|x");
  CHECK(place_in("<head\n>x") == "<head\n>|x");
  CHECK(place_in("<html a='>' b=c/d><head/>x") == "<html a='>' b=c/d><head/>|x");
}

TEST_CASE("without <head> it stands where a parser makes one") {
  CHECK(place_in("<!doctype html>\n<title>a</title>") == "<!doctype html>\n|<title>a</title>");
  CHECK(place_in("<!DOCTYPE html><html><body>a") == "<!DOCTYPE html><html>|<body>a");
  CHECK(place_in("<html>\n <!-- a > b --> <frameset>") == "<html>\n <!-- a > b --> |<frameset>");
  CHECK(place_in("only text") == "|only text");
  CHECK(place_in("<header>a</header>") == "|<header>a</header>");
  CHECK(place_in("<htmlx><head>") == "|<htmlx><head>");
  CHECK(place_in("</head><p>") == "|</head><p>");
}

TEST_CASE("what stands before the head stays the first thing") {
  CHECK(place_in("\xEF\xBB\xBF<!doctype html><p>a") == "\xEF\xBB\xBF<!doctype html>|<p>a");
  CHECK(place_in("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 "
                 "Strict//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\"><html "
                 "xmlns=\"x\"><head><title/>")
            .find("<head>|<title/>") != std::string::npos);
  CHECK(place_in("<!--[if IE]><html><head><![endif]--><head>x") ==
        "<!--[if IE]><html><head><![endif]--><head>|x");
  CHECK(place_in("<!--><head>x") == "<!--><head>|x");
  CHECK(place_in("<!---><head>x") == "<!---><head>|x");
  CHECK(place_in("<!-- a --!><head>x") == "<!-- a --!><head>|x");
}

TEST_CASE("a head that says it already is left as it is") {
  for (const char* tag : {"<meta name=robots content=noindex>",
                          "<META CONTENT='nofollow, NoIndex' NAME=\"Robots\" />",
                          "<meta name=robots content=none>",
                          "<link rel=a href=b><base href=/ ><meta name=robots content=noindex>",
                          "<title><p></title><style>a{}</style><!-- b --><script>if (a<b) 1"
                          "</script ><meta name=robots content=noindex>"}) {
    CAPTURE(tag);
    CHECK(place_in(std::string("<html><head>") + tag + "<body>") == "has it");
    CHECK(place_in(std::string("<!doctype html>") + tag) == "has it");
  }
}

TEST_CASE("what only looks like it does not count") {
  for (const char* text : {"<!-- <meta name=robots content=noindex> -->",
                           "<script>'<meta name=robots content=noindex>'</script>",
                           "<title><meta name=robots content=noindex></title>",
                           "<script><!-- <script></script><meta name=robots content=noindex>"
                           "</script>",
                           "<meta name=robots content=index>",
                           "<meta name=robots content=noindexing>",
                           "<meta name=author content=noindex>",
                           "<meta name=googlebot content=noindex>",
                           "<body><meta name=robots content=noindex>",
                           "<noscript><meta name=robots content=noindex></noscript>",
                           "<title>never closed <meta name=robots content=noindex>"}) {
    CAPTURE(text);
    CHECK(place_in(std::string("<head>") + text) == std::string("<head>|") + text);
  }
}

TEST_CASE("nothing to index, or nothing that can be read as bytes") {
  CHECK(place_in("") == "nowhere");
  CHECK(place_in(" \n") == "nowhere");
  CHECK(place_in("<!doctype html>\n<!-- never closed") == "nowhere");
  CHECK(place_in("<!doctype html><html lang=\"never closed") == "nowhere");
  CHECK(place_in("<html><head ") == "nowhere");
  CHECK(place_in("<html><head a='") == "nowhere");
  CHECK(place_in("<") == "|<");
  CHECK(place_in(std::string_view("<\0h\0t\0", 6)) == "other bytes");
  CHECK(place_in("\xFF\xFE<") == "other bytes");
  CHECK(place_in("\xFE\xFF") == "other bytes");
}
