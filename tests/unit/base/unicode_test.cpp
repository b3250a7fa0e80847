#include "plugins/host/base/unicode.hpp"

#include <doctest/doctest.h>

#include <string>

using deployflow::fold_case;
using deployflow::to_nfc;

TEST_CASE("what looks the same becomes the same, and nothing else does") {
  CHECK(to_nfc("cafe\xCC\x81.html") == "caf\xC3\xA9.html");  // e and U+0301 or U+00E9
  CHECK(to_nfc("caf\xC3\xA9.html") == "caf\xC3\xA9.html");
  CHECK(to_nfc("\xE2\x84\xAB") == "\xC3\x85");      // ANGSTROM SIGN
  CHECK(to_nfc("\xEF\xAC\x81") == "\xEF\xAC\x81");  // the ligature fi stays (that is NFKC)
  CHECK(to_nfc("\xE1\x84\x92\xE1\x85\xA1") == "\xED\x95\x98");  // Hangul
  CHECK(to_nfc("Plain ASCII/x.html") == "Plain ASCII/x.html");
  CHECK(to_nfc("not \xFF utf-8") == "not \xFF utf-8");
  CHECK(to_nfc("").empty());
}

TEST_CASE("case does not matter once folded, by the full rules") {
  CHECK(fold_case("A/Index.HTML") == fold_case("a/index.html"));
  CHECK(fold_case("STRASSE") == fold_case("stra\303\237e"));
  CHECK(fold_case("\xE2\x84\xAA") == fold_case("k"));            // KELVIN SIGN
  CHECK(fold_case("\xCE\xA3") == fold_case("\xCF\x82"));         // capital and final sigma
  CHECK(fold_case("CAF\xC3\x89") == fold_case("cafe\xCC\x81"));  // composed or not
  CHECK(fold_case("a") != fold_case("\xC3\xA4"));
  CHECK(fold_case("a/b") != fold_case("a/c"));
}
