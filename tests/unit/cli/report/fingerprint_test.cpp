#include "cli/report/fingerprint.hpp"

#include "tests/support/scratch.hpp"
#include "tests/unit/cli/report/samples.hpp"

#include <doctest/doctest.h>

#include <string>

namespace deployflow::cli {
namespace {

using test::Scratch;

std::string of(const std::string& text,
               std::uint32_t line,
               const std::string& message,
               const std::string& rule = "r") {
  const Scratch folder;
  Entry entry = sample(run::Severity::error, rule, message);
  entry.finding.file = folder.write("a.html", text);
  entry.finding.line = line;
  Sources sources(std::chrono::system_clock::now() + std::chrono::hours(1));
  return Fingerprints().next(entry, sources);
}

TEST_CASE("it is the same when the line moves or is indented") {
  const std::string before = of("<a>\n", 1, "unclosed, ended at 1:10");
  CHECK(before.size() == 32);
  CHECK(of("\n\n   <a>\r\n", 3, "unclosed, ended at 13:7") == before);
  CHECK(of("<b>\n", 1, "unclosed, ended at 1:10") != before);
  CHECK(of("<a>\n", 1, "unclosed, cut at 1:10") != before);
  CHECK(of("<a>\n", 1, "unclosed, ended at 1:10", "s") != before);
}

TEST_CASE("it is the same when more places say so") {
  const std::string before = of("<a>\n", 1, "gone.html: not in the site");
  CHECK(of("<a>\n", 1, "gone.html: not in the site; 2 times in this file") == before);
  CHECK(of("<a>\n", 1, "gone.html: not in the site; also in b.html:3:5") == before);
  CHECK(of("<a>\n", 1, "gone;html: not in the site; also in b.html:3:5") != before);
}

TEST_CASE("two that are alike are told apart by their turn") {
  Sources none{std::chrono::system_clock::time_point{}};
  const Entry entry = sample(run::Severity::error, "r", "m");
  Fingerprints first;
  const std::string one = first.next(entry, none);
  const std::string two = first.next(entry, none);
  CHECK(one != two);
  Fingerprints second;
  CHECK(second.next(entry, none) == one);
  CHECK(second.next(entry, none) == two);
}

}  // namespace
}  // namespace deployflow::cli
