#include "tests/unit/cli/report/samples.hpp"

#include <doctest/doctest.h>

namespace deployflow::cli {
namespace {

TEST_CASE("JUnit: a suite a file, a test a rule, and one for the run") {
  Report report = sample_report();
  report.entries.insert(report.entries.begin() + 1, report.entries[0]);
  report.entries[1].finding.line = 9;
  CHECK(written(write_junit, report) ==
        R"x(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deployflow">
  <testsuite name="deployflow" tests="1" failures="0" errors="0" skipped="0" time="0.000">
    <testcase classname="deployflow" name="validate" time="0.000">
      <system-out>1 error, 1 warning, 1 note</system-out>
    </testcase>
  </testsuite>
  <testsuite name="site/a.html" tests="2" failures="1" errors="0" skipped="0" time="0">
    <testcase classname="site/a.html" name="html/quirks" file="site/a.html" time="0">
      <system-out>site/a.html:3: old&#10;</system-out>
    </testcase>
    <testcase classname="site/a.html" name="link/missing" file="site/a.html" time="0">
      <failure type="link/missing" message="no &lt;page&gt; (and 1 more)">site/a.html:3:7: no &lt;page&gt;&#10;  help: make it&#10;site/a.html:9:7: no &lt;page&gt;&#10;  help: make it&#10;</failure>
    </testcase>
  </testsuite>
  <testsuite name="site/b.html" tests="1" failures="0" errors="0" skipped="0" time="0">
    <testcase classname="site/b.html" name="orphan" file="site/b.html" time="0">
      <system-out>site/b.html: unused&#10;</system-out>
    </testcase>
  </testsuite>
</testsuites>
)x");
}

TEST_CASE("JUnit: a rule that warns here and fails there tells the failure") {
  Report report = sample_report();
  report.entries[1].rule = "link/missing";
  std::swap(report.entries[0], report.entries[1]);
  CHECK(written(write_junit, report).find("message=\"no &lt;page&gt; (and 1 more)\"") !=
        std::string::npos);
}

TEST_CASE("JUnit: a run that failed is an error, not a failure") {
  CHECK(written(write_junit, failed_report()) ==
        R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deployflow">
  <testsuite name="deployflow" tests="1" failures="0" errors="1" skipped="0" time="0.000">
    <testcase classname="deployflow" name="push" time="0.000">
      <error type="network" message="no &lt;answer&gt;">is it on?</error>
    </testcase>
  </testsuite>
</testsuites>
)");
}

}  // namespace
}  // namespace deployflow::cli
