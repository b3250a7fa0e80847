// JUnit XML has no one specification. What GitLab and Jenkins read of it: a test is its classname
// and its name, of tests that are alike only the first counts, a test has one failure, and a file
// without a test is an error. So a test is one rule in one file, and the run itself is a test.

#include "cli/report/writers.hpp"
#include "cli/report/xml_text.hpp"
#include "cli/ui/words.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace deployflow::cli {
namespace {

using Tests = std::map<std::string, std::vector<const Entry*>>;  // of one file, by rule

std::string line_of(const Entry& entry) {
  std::string text = fmt::format("{}: {}", place_of(entry), entry.finding.message);
  if (!entry.finding.hint.empty()) {
    text += "\n  help: " + entry.finding.hint;
  }
  return text + "\n";
}

// nullptr: none of them is one.
const Entry* first_error(const std::vector<const Entry*>& entries) {
  const auto found = std::find_if(entries.begin(), entries.end(), [](const Entry* entry) {
    return entry->finding.severity == run::Severity::error;
  });
  return found == entries.end() ? nullptr : *found;
}

// Errors fail a test; a warning alone is what a test that passed has printed.
void write_test(const std::string& rule, const std::vector<const Entry*>& entries, Output& out) {
  const Entry& first = *entries.front();
  out.write(fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" time=\"0\">\n",
                        xml_text(first.path),
                        xml_text(rule),
                        xml_text(first.path)));
  const Entry* error = first_error(entries);
  if (error != nullptr) {
    const std::string more =
        entries.size() > 1 ? fmt::format(" (and {} more)", entries.size() - 1) : "";
    out.write(fmt::format("      <failure type=\"{}\" message=\"{}\">",
                          xml_text(rule),
                          xml_text(error->finding.message + more)));
  } else {
    out.write("      <system-out>");
  }
  for (const Entry* entry : entries) {
    out.write(xml_text(line_of(*entry)));
  }
  out.write(error != nullptr ? "</failure>\n    </testcase>\n"
                             : "</system-out>\n    </testcase>\n");
}

void write_file(std::span<const Entry> entries, Output& out) {
  Tests tests;
  for (const Entry& entry : entries) {
    tests[entry.rule].push_back(&entry);
  }
  std::uint64_t failures = 0;
  for (const auto& [rule, alike] : tests) {
    failures += first_error(alike) != nullptr ? 1U : 0U;
  }
  out.write(
      fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" "
                  "skipped=\"0\" time=\"0\">\n",
                  xml_text(entries.front().path),
                  tests.size(),
                  failures));
  for (const auto& [rule, alike] : tests) {
    write_test(rule, alike, out);
  }
  out.write("  </testsuite>\n");
}

void write_run(const Report& report, Output& out) {
  out.write(fmt::format(
      "  <testsuite name=\"deployflow\" tests=\"1\" failures=\"0\" errors=\"{}\" skipped=\"0\" "
      "time=\"{:.3f}\">\n    <testcase classname=\"deployflow\" name=\"{}\" time=\"{:.3f}\">\n",
      report.failure ? 1 : 0,
      report.seconds,
      xml_text(report.command),
      report.seconds));
  if (report.failure) {
    out.write(fmt::format("      <error type=\"{}\" message=\"{}\">{}</error>\n",
                          name_of(report.failure->code),
                          xml_text(report.failure->message),
                          xml_text(report.failure->hint)));
  } else {
    out.write(fmt::format("      <system-out>{}</system-out>\n", xml_text(describe(report))));
  }
  out.write("    </testcase>\n  </testsuite>\n");
}

}  // namespace

void write_junit(const Report& report, Sources& /*sources*/, Output& out) {
  out.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"deployflow\">\n");
  write_run(report, out);
  const std::span<const Entry> all(report.entries);
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin;
    while (end < all.size() && all[end].path == all[begin].path) {
      ++end;
    }
    write_file(all.subspan(begin, end - begin), out);
    begin = end;
  }
  out.write("</testsuites>\n");
}

}  // namespace deployflow::cli
