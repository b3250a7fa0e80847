#include "cli/ui/finding_list.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace deployflow::cli {
namespace {

run::Finding finding(std::string code) {
  run::Finding made;
  made.stage = "validate";
  made.code = std::move(code);
  made.message = "link to nowhere";
  made.file = "a.html";
  made.line = 41;
  made.column = 12;
  return made;
}

TEST_CASE("a finding names file, line and column, then its help") {
  run::Finding one = finding("x");
  one.hint = "remove it";
  const auto lines = finding_lines(one);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].head == "error:");
  CHECK(lines[0].text == "a.html:41:12: link to nowhere");
  CHECK(lines[1].head == "  help:");
  CHECK(lines[1].text == "remove it");
}

TEST_CASE("a finding without a file names its key, and without a line no colon is left over") {
  run::Finding one = finding("x");
  one.file.clear();
  one.key = "k.html";
  one.column = 0;
  CHECK(finding_lines(one)[0].text == "k.html:41: link to nowhere");
  one.line = 0;
  CHECK(finding_lines(one)[0].text == "k.html: link to nowhere");
  one.key.clear();
  CHECK(finding_lines(one)[0].text == "link to nowhere");
}

TEST_CASE("text from outside cannot move the cursor or forge a line") {
  run::Finding one = finding("x");
  one.file = "a\n\x1b[2J.html";
  one.message = "first\nerror: forged";
  one.hint = "h\r\x1b]0;x";
  const auto lines = finding_lines(one);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].text == "a\\x0a\\x1b[2J.html:41:12: first");
  CHECK(lines[1].text == "  error: forged");
  CHECK(lines[1].head.empty());
  CHECK(lines[2].text == "h\\x0d\\x1b]0;x");
}

TEST_CASE("ten of a kind are shown, then how many more there are") {
  FindingList list(false);
  std::size_t shown = 0;
  for (int i = 0; i < 44; ++i) {
    shown += list.add(finding("html/unclosed"), FindingList::When::at_once).size();
  }
  CHECK(shown == 10);
  CHECK(list.add(finding("html/other"), FindingList::When::at_once).size() == 1);
  const auto rest = list.take_rest();
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].head + " " + rest[0].text ==
        "  and 34 more errors of kind html/unclosed (-v shows all)");
  CHECK(list.take_rest().empty());
}

TEST_CASE("findings that wait come in the order of files and lines, the first ten of each kind") {
  FindingList list(false);
  for (std::uint32_t i = 0; i < 44; ++i) {
    run::Finding one = finding("x");
    one.file = "page.html";
    one.line = (i * 7) % 44 + 1;
    CHECK(list.add(one, FindingList::When::in_order).empty());
  }
  CHECK(list.has_said("link to nowhere"));
  const auto rest = list.take_rest();
  REQUIRE(rest.size() == 11);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(rest[i].text == "page.html:" + std::to_string(i + 1) + ":12: link to nowhere");
  }
  CHECK(rest[10].text == "34 more errors of kind x (-v shows all)");
}

TEST_CASE("-v shows all") {
  FindingList list(true);
  std::size_t shown = 0;
  for (int i = 0; i < 44; ++i) {
    shown += list.add(finding("x"), FindingList::When::at_once).size();
  }
  CHECK(shown == 44);
  CHECK(list.take_rest().empty());
}

TEST_CASE("a stage that makes up a code for each finding does not fill the terminal") {
  FindingList list(false);
  std::size_t shown = 0;
  for (int i = 0; i < 10'000; ++i) {
    shown += list.add(finding("code" + std::to_string(i)), FindingList::When::at_once).size();
  }
  CHECK(shown <= 110);
  CHECK(list.take_rest().size() == 1);
}

TEST_CASE("it knows which errors it has been told") {
  FindingList list(false);
  list.add(finding("x"), FindingList::When::at_once);
  CHECK(list.has_said("link to nowhere"));
  CHECK_FALSE(list.has_said("something else"));
}

}  // namespace
}  // namespace deployflow::cli
