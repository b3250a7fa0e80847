#include "cli/report/collector.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace deployflow::cli {
namespace {

Collector collector() {
  return {"validate", Places("/home", [](std::string_view) { return std::nullopt; })};
}

run::Finding finding(const std::string& file, std::uint32_t line, run::Severity severity) {
  run::Finding made;
  made.stage = "validate";
  made.severity = severity;
  made.code = "x";
  made.message = "m";
  made.file = file;
  made.line = line;
  return made;
}

run::RunFinished finished(Errc code, std::uint64_t errors) {
  run::RunFinished made;
  made.error = {code, "why", {}};
  made.errors = errors;
  made.url = "https://example.com/";
  return made;
}

TEST_CASE("findings are put in order and counted, whatever order they came in") {
  Collector one = collector();
  one.begin("site/", SiteKind::folder);
  one.on_event(finding("site/b.html", 1, run::Severity::warning));
  one.on_event(finding("site/a.html", 9, run::Severity::info));
  one.on_event(finding("/home/site/a.html", 2, run::Severity::error));
  run::Finding bare = finding("", 0, run::Severity::error);
  bare.code.clear();
  one.on_event(bare);
  const Report report = one.take(ExitCode::checks);
  std::vector<std::string> places;
  for (const Entry& entry : report.entries) {
    places.push_back(place_of(entry) + " " + entry.rule);
    CHECK(entry.fingerprint.size() == 32);
  }
  CHECK(places == std::vector<std::string>{
                      "site validate", "site/a.html:2 x", "site/a.html:9 x", "site/b.html:1 x"});
  CHECK(report.errors == 2);
  CHECK(report.warnings == 1);
  CHECK(report.infos == 1);
  CHECK(describe(report) == "2 errors, 1 warning, 1 note");
}

TEST_CASE("the reason of a failure is told unless findings are the reason") {
  Collector checks = collector();
  checks.on_event(finished(Errc::input, 2));
  CHECK_FALSE(checks.take(ExitCode::checks).failure);
  Collector warnings = collector();
  warnings.on_event(finished(Errc::input, 0));
  CHECK(warnings.take(ExitCode::checks).failure->message == "why");
  Collector network = collector();
  network.on_event(finished(Errc::network, 0));
  const Report report = network.take(ExitCode::failed);
  CHECK(report.failure->code == Errc::network);
  CHECK(report.url.empty());  // nothing is live of it
}

TEST_CASE("mistakes of the pipeline file are findings in it") {
  Collector one = collector();
  pipeline::Diagnostic diagnostic;
  diagnostic.message = "unknown key";
  diagnostic.at.line = 4;
  one.refuse({{Errc::config, "an error in p.yaml", {}}, {diagnostic}, "p.yaml"});
  const Report report = one.take(ExitCode::usage);
  REQUIRE(report.entries.size() == 1);
  CHECK(place_of(report.entries[0]) == "p.yaml:4");
  CHECK(report.entries[0].rule == "pipeline/invalid");
  CHECK_FALSE(report.failure);
}

TEST_CASE("standard input is named by its key") {
  Collector one = collector();
  one.begin(k_standard_input, SiteKind::file);
  run::Finding made = finding("/tmp/deployflow-x/input", 1, run::Severity::error);
  made.key = "a.html";
  one.on_event(made);
  CHECK(one.take(ExitCode::checks).entries[0].path == "a.html");
}

TEST_CASE("a rule as words") {
  CHECK(title_of("html/duplicate-attribute") == "HTML: duplicate attribute");
  CHECK(title_of("link/missing") == "Link: missing");
  CHECK(title_of("orphan") == "Orphan");
}

}  // namespace
}  // namespace deployflow::cli
