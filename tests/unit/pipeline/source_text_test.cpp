#include "plugins/host/pipeline/source_text.hpp"

#include <doctest/doctest.h>

namespace deployflow::pipeline {
namespace {

TEST_CASE("places count characters and lead back to their byte") {
  std::string text = "ab\n\xC3\xA4\xF0\x9F\x98\x80z\r\n\n";
  for (int i = 0; i < 400; ++i) {
    text +=
        "\xE2\x82\xAC"
        "x";  // a long line, over several blocks
  }
  const SourceText source(text);
  CHECK(source.position(0).line == 1);
  CHECK(source.position(1).column == 2);
  CHECK(source.position(3).line == 2);
  CHECK(source.position(9).column == 3);  // z
  CHECK(source.position(text.size()).line == 4);
  CHECK(source.position(text.size()).column == 801);
  CHECK(source.position(text.size() + 100).column == 801);
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) {
      continue;
    }
    CHECK(source.offset(source.position(i)) == i);
  }
  CHECK(SourceText("").position(5).line == 1);
  CHECK(SourceText("").offset({7, 7}) == 0);
}

}  // namespace
}  // namespace deployflow::pipeline
