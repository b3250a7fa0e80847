#include "cli/report/xml_text.hpp"

#include <doctest/doctest.h>

namespace deployflow::cli {
namespace {

TEST_CASE("what XML reads is escaped") {
  CHECK(xml_text("a<b>&\"c'") == "a&lt;b&gt;&amp;&quot;c&#39;");
  CHECK(xml_text("]]>") == "]]&gt;");
  CHECK(xml_text("one\ntwo\tthree") == "one&#10;two&#9;three");
  CHECK(xml_text("") == "");
}

TEST_CASE("what XML has not is spelled out") {
  CHECK(xml_text(std::string_view("\0\x01\x1b\x7f", 4)) == "\\x00\\x01\\x1b\\x7f");
  CHECK(xml_text("\xFF\xC0\xAF") == "\\xff\\xc0\\xaf");
  CHECK(xml_text("\xEF\xBF\xBE.\xEF\xBF\xBF") == "\\u{FFFE}.\\u{FFFF}");
  CHECK(xml_text("\xE2\x80\xAE") == "\\u{202E}");
  CHECK(xml_text("\xF0\x9F\x98\x80\xC3\xA9") == "\xF0\x9F\x98\x80\xC3\xA9");
  CHECK(xml_text("\n\xEF\xBF") == "&#10;\\xef\\xbf");
}

}  // namespace
}  // namespace deployflow::cli
