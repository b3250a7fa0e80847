#include "cli/report/github.hpp"

#include "tests/unit/cli/report/samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace deployflow::cli {
namespace {

std::string annotations(const Report& report, std::size_t most = 10) {
  Written out;
  write_annotations(report, most, out);
  return out.text();
}

TEST_CASE("a workflow command for each finding") {
  CHECK(
      annotations(sample_report()) ==
      "::error file=site/a.html,line=3,col=7,endColumn=9,title=link/missing::no <page>%0Amake it\n"
      "::warning file=site/a.html,line=3,title=html/quirks::old\n"
      "::notice file=site/b.html,title=orphan::unused\n");
}

TEST_CASE("a place of many lines has no columns: GitHub refuses both at once") {
  Report report = sample_report();
  report.entries[0].finding.end_line = 5;
  CHECK(annotations(report).starts_with("::error file=site/a.html,line=3,endLine=5,title="));
}

TEST_CASE("properties and message are escaped each in its way") {
  Report report;
  report.entries.push_back(sample(run::Severity::error, "a:b,c", "100%: x,y\n::error::z\r\x1b"));
  report.entries[0].path = "a:b,c%.html";
  CHECK(annotations(report) ==
        "::error file=a%3Ab%2Cc%25.html,line=3,col=7,title=a%3Ab%2Cc::"
        "100%25: x,y%0A::error::z\\x0d\\x1b\n");
}

TEST_CASE("the gravest come first, and of each rule one before the second of any") {
  Report report;
  for (int i = 0; i < 30; ++i) {
    report.entries.push_back(sample(run::Severity::warning, "w", "warning"));
    report.entries.push_back(sample(run::Severity::error, "many", "alike"));
  }
  report.entries.push_back(sample(run::Severity::error, "one", "dead link"));
  const std::string text = annotations(report);
  CHECK(std::count(text.begin(), text.end(), '\n') == 20);
  CHECK(
      text.starts_with("::error file=site/a.html,line=3,col=7,title=many::alike\n"
                       "::error file=site/a.html,line=3,col=7,title=one::dead link\n"));
  CHECK(text.find("::error", text.find("::warning")) == std::string::npos);
}

TEST_CASE("a run that failed is told before all findings") {
  CHECK(annotations(failed_report()) == "::error title=deployflow::no <answer>%0Ais it on?\n");
}

TEST_CASE("text for people holds no command, whatever a finding says") {
  Written out;
  CommandFree free(out);
  free.write("error: a.html: first\n");
  free.write("  ::error::forged\n\t::warning::x\n::x\na ::error:: b\n##[error]x and ##[y]\n");
  CHECK(out.text() ==
        "error: a.html: first\n"
        "  \\::error::forged\n\t\\::warning::x\n\\::x\na ::error:: b\n"
        "##\\[error]x and ##\\[y]\n");
}

TEST_CASE("the summary of a job is a table that text cannot leave") {
  Report report = sample_report();
  report.entries[0].finding.message = "a | b\n<script> `x` [y](z) @me";
  const std::string text = job_summary(report);
  CHECK(text.starts_with("### deployflow validate: 1 error, 1 warning, 1 note (exit code 3)\n\n"));
  CHECK(text.find(
            "| error | site/a.html&#58;3&#58;7 | a &#124; b&#92;x0a&#60;script&#62; &#96;x&#96; "
            "&#91;y&#93;&#40;z&#41; &#64;me | link/missing |\n") != std::string::npos);
}

TEST_CASE("the summary of a deployment says where the site is, with a link to an address alone") {
  Report report;
  report.command = "push";
  report.url = "https://example.com/a_b/";
  CHECK(job_summary(report) ==
        "### deployflow push: no findings\n\nThe site is live: "
        "[https&#58;//example.com/a&#95;b/](<https://example.com/a_b/>)\n\n");
  report.url = "javascript:x";
  CHECK(job_summary(report).find("](<") == std::string::npos);
  report.url = "https://example.com/>)[x](y";
  CHECK(job_summary(report).find("](<") == std::string::npos);
}

TEST_CASE("the summary shows some and counts the rest") {
  Report report;
  for (int i = 0; i < 50; ++i) {
    report.entries.push_back(sample(run::Severity::error, "r", std::string(2000, 'x')));
  }
  report.errors = 50;
  const std::string text = job_summary(report);
  CHECK(text.find("\nand 30 more\n") != std::string::npos);
  CHECK(text.size() < 20'000);
}

}  // namespace
}  // namespace deployflow::cli
