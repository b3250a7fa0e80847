#include "tests/support/scratch.hpp"
#include "tests/unit/cli/report/samples.hpp"

#include <doctest/doctest.h>

namespace deployflow::cli {
namespace {

TEST_CASE("text: each finding with its frame and help, then the counts") {
  const test::Scratch folder;
  Report report = sample_report();
  report.entries.resize(1);
  report.warnings = report.infos = 0;
  report.entries[0].finding.file = folder.write("a.html", "one\ntwo\n<a href=x>\nfour\n");
  Sources sources(std::chrono::system_clock::now() + std::chrono::hours(1));
  Written out;
  write_text(report, sources, out);
  CHECK(out.text() == "error: " + folder.path() + R"(/a.html:3:7: no <page>
   1 | one
   2 | two
   3 | <a href=x>
     |       ^^
   4 | four
  help: make it
1 error
)");
}

TEST_CASE("text: why a run failed") {
  CHECK(written(write_text, failed_report()) ==
        "error: no <answer>\n  help: is it on?\nno findings\n");
}

}  // namespace
}  // namespace deployflow::cli
