// The small parts: positions, encodings, keys, the list of rules, what gumbo keeps to itself.

#include "stages/validate/arena.hpp"
#include "stages/validate/encoding.hpp"
#include "stages/validate/gumbo_errors.hpp"
#include "stages/validate/gumbo_page.hpp"
#include "stages/validate/key.hpp"
#include "stages/validate/outline.hpp"
#include "stages/validate/position.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace deployflow::validate {
namespace {

// When this fails, gumbo's private error object has changed: see gumbo_errors.hpp.
TEST_CASE("the layout of gumbo's errors is the one that gumbo_errors.cpp reads") {
  REQUIRE(can_read_errors());
  constexpr std::string_view k_text =
      "<!doctype html><title>x</title>\n<p a=1 a=2>&zz;</b></div><i/>x";
  GumboPage page;
  REQUIRE(page.parse(k_text, budget_for(k_text.size())));
  const auto errors = read_errors(page.tree().errors, k_text);
  REQUIRE(errors.size() >= 4);
  CHECK(errors[0].kind == ErrorKind::duplicate_attribute);
  CHECK(errors[0].offset == k_text.find("a=2"));
  CHECK(errors[1].kind == ErrorKind::character_reference);
  CHECK(errors[1].offset == k_text.find("&zz;"));
  CHECK(errors[2].kind == ErrorKind::tree);
  CHECK(errors[2].offset == k_text.find("</div>"));
  CHECK(errors[3].kind == ErrorKind::self_closing);
  CHECK(errors[3].offset == k_text.find("<i/>"));
}

TEST_CASE("an error object that points outside of the page is not read") {
  struct Bad {
    int type;
    GumboSourcePosition position;
    const char* text;
  } bad{1, {1, 1, 0}, "elsewhere"};
  void* pointers[] = {&bad, nullptr};
  const GumboVector errors{pointers, 2, 2};
  CHECK(read_errors(errors, "<p>").empty());
}

TEST_CASE("a line ends at LF, CR LF or CR, and a column is one character") {
  const LineIndex lines("a\nb\r\nc\rd\xC3\xA4\te");
  CHECK(lines.at(0).line == 1);
  CHECK(lines.at(2).line == 2);
  CHECK(lines.at(5).line == 3);
  CHECK(lines.at(7).line == 4);
  CHECK(lines.at(11).column == 4);
  CHECK(lines.at(1000).column == 5);
}

TEST_CASE("the first byte that is not UTF-8 is found, whatever is wrong with it") {
  CHECK_FALSE(first_invalid_utf8("").has_value());
  CHECK_FALSE(first_invalid_utf8("plain, \xC3\xA4, \xE2\x82\xAC, \xF0\x9F\x98\x80").has_value());
  CHECK(first_invalid_utf8("12345678\x80") == 8);
  CHECK(first_invalid_utf8("a\xC0\xAF") == 1);          // overlong
  CHECK(first_invalid_utf8("a\xE0\x80\xAF") == 1);      // overlong
  CHECK(first_invalid_utf8("a\xED\xA0\x80") == 1);      // surrogate
  CHECK(first_invalid_utf8("a\xF4\x90\x80\x80") == 1);  // over U+10FFFF
  CHECK(first_invalid_utf8("a\xE2\x82") == 1);          // cut
  CHECK(first_invalid_utf8("a\xE2\x82z") == 1);
}

TEST_CASE("a charset is read from a content type, quoted or not") {
  CHECK(charset_parameter("text/html; charset=utf-8") == "utf-8");
  CHECK(charset_parameter("text/html;Charset=\"ISO-8859-1\"; x=y") == "ISO-8859-1");
  CHECK(charset_parameter("text/html") == "");
  CHECK(names_utf8(" UTF8 "));
  CHECK_FALSE(names_utf8("utf-16"));
}

TEST_CASE("a key is at most 1,024 bytes of UTF-8 without control characters") {
  CHECK(check_key("img/\xC3\xA4 b+c%2F\xF0\x9F\x98\x80.png").empty());
  CHECK(check_key(std::string(1024, 'a')).empty());
  const auto code = [](std::string_view key) {
    const auto findings = check_key(key);
    return findings.size() == 1 ? findings[0].code : "";
  };
  CHECK(code(std::string(1025, 'a')) == "key/length");
  CHECK(code("a\nb") == "key/characters");
  CHECK(code("a\x7F") == "key/characters");
  CHECK(code("a\xC2\x85") == "key/characters");
  CHECK(code("a\xFF") == "key/characters");
}

TEST_CASE("the README documents every code, and no other") {
  std::ifstream file(DEPLOYFLOW_VALIDATE_README);
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  REQUIRE(!readme.empty());
  std::size_t rows = 0;
  for (const Rule* rule : all_rules()) {
    const std::string severity = rule->severity == Severity::error     ? "error"
                                 : rule->severity == Severity::warning ? "warning"
                                                                       : "info";
    const std::string row = "| `" + std::string(rule->code) + "` | " + severity + " |";
    CHECK_MESSAGE(readme.find(row) != std::string::npos, row);
  }
  for (std::size_t at = readme.find("\n| `"); at != std::string::npos;
       at = readme.find("\n| `", at + 1)) {
    const std::string name = readme.substr(at + 4, readme.find('`', at + 4) - at - 4);
    rows += name.find('/') != std::string::npos ? 1U : 0U;
  }
  CHECK(rows == all_rules().size());
}

TEST_CASE("the arena hands out aligned memory of any size") {
  Arena arena;
  for (const std::size_t size : {0U, 1U, 17U, 4096U, 70'000U, 9'000'000U}) {
    auto* memory = static_cast<unsigned char*>(arena.allocate(size));
    REQUIRE(memory != nullptr);
    CHECK(reinterpret_cast<std::uintptr_t>(memory) % alignof(std::max_align_t) == 0);
    for (std::size_t i = 0; i < size; i += 512) {
      memory[i] = 1;
    }
  }
  CHECK(arena.allocate(static_cast<std::size_t>(-1)) == nullptr);
  CHECK(arena.bytes() >= 9'074'114);
}

TEST_CASE("the outline counts depth without what optional end tags leave open") {
  const auto excess = [](const std::string& page) { return outline_of(page, {}).excess; };
  const auto times = [](int n, const std::string& unit) {
    std::string out;
    for (int i = 0; i < n; ++i) {
      out += unit;
    }
    return out;
  };
  CHECK_FALSE(excess(times(2000, "<p>x<br>")));
  CHECK_FALSE(excess("<ul>" + times(2000, "<li>x")));
  CHECK_FALSE(excess("<table>" + times(2000, "<tr><td>x<td>y")));
  CHECK_FALSE(excess("<svg>" + times(2000, "<path/>") + "</svg>"));
  CHECK_FALSE(excess("<script>" + times(2000, "a<b ") + "</script>"));
  CHECK_FALSE(excess(times(512, "<div>")));
  CHECK(excess(times(513, "<div>")) == Excess::depth);
  CHECK(excess(times(200, "<table><tr><td>")) == Excess::depth);
  CHECK(excess(times(300, "<svg><desc>")) == Excess::depth);
  CHECK(excess("<svg><style>" + times(600, "<g>")) == Excess::depth);
  CHECK(excess(times(200, "<div><table><td></div>")) == Excess::depth);
  CHECK_FALSE(excess("<p" + times(1000, " a=1") + ">"));
  CHECK(excess("<p" + times(1001, " a='>'") + ">") == Excess::attributes);
  CHECK(excess(times(200'001, "<i></i>")) == Excess::tags);
}

}  // namespace
}  // namespace deployflow::validate
