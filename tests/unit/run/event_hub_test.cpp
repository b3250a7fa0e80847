#include "plugins/host/run/event_hub.hpp"

#include "tests/unit/run/recorder.hpp"

#include <doctest/doctest.h>

using namespace deployflow::run;
using deployflow::test::Recorder;

TEST_CASE("lines below the wanted level are not made") {
  Recorder recorder;
  EventHub hub(recorder, LogLevel::info);
  hub.log(LogLevel::debug, "host", "quiet");
  hub.log(LogLevel::warning, "host", "loud");
  CHECK(recorder.all<LogLine>().size() == 1);
}

TEST_CASE("progress is thinned out, but the last one always passes") {
  Recorder recorder;
  EventHub hub(recorder, LogLevel::info);
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    hub.progress({"upload", i, 1000, 0, 0, "files"});
  }
  const auto sent = recorder.all<Progress>();
  CHECK(sent.size() < 100);
  CHECK(sent.back().done == 1000);
}

TEST_CASE("kept entries are only counted, and totals are sent once") {
  Recorder recorder;
  EventHub hub(recorder, LogLevel::info);
  hub.plan({"upload", Action::put, "primary", "a", 5, "new"}, "s3://b");
  hub.plan({"upload", Action::keep, "primary", "b", 7, "same"}, "s3://b");
  hub.flush_plan("upload");
  hub.flush_plan("upload");
  CHECK(recorder.all<PlanEntry>().size() == 1);
  REQUIRE(recorder.all<PlanTotals>().size() == 1);
  const auto totals = recorder.all<PlanTotals>()[0];
  CHECK(totals.put == 1);
  CHECK(totals.keep == 1);
  CHECK(totals.bytes == 5);
  CHECK(hub.tally("primary").kept == 1);
}

TEST_CASE("a setting of a bucket is a change, and no object") {
  Recorder recorder;
  EventHub hub(recorder, LogLevel::info);
  hub.plan({"upload", Action::setting, "t", "website", 0, "none yet"}, "s3://b");
  hub.flush_plan("upload");
  hub.operation({"upload", "t", Action::setting, "website", 0, 0.1});
  CHECK(hub.changes() == 1);
  REQUIRE(recorder.all<PlanTotals>().size() == 1);
  CHECK(recorder.all<PlanTotals>()[0].setting == 1);
  CHECK(recorder.all<OperationDone>().size() == 1);
  CHECK(hub.tally("t").stored == 0);
  CHECK(hub.tally("t").state == SiteState::unchanged);
}

TEST_CASE("a stage that writes without saying what visitors see leaves the site in doubt") {
  Recorder recorder;
  EventHub hub(recorder, LogLevel::info);
  CHECK(hub.tally("t").state == SiteState::unchanged);
  hub.operation({"acme/x", "t", Action::put, "k", 3, 0.1});
  CHECK(hub.tally("t").state == SiteState::changing);
  CHECK(hub.tally("t").stored == 1);
}

TEST_CASE("what a stage says of the site stands") {
  Recorder recorder;
  EventHub hub(recorder, LogLevel::info);
  hub.site_state("t", SiteState::prepared);
  hub.operation({"upload", "t", Action::put, "k", 3, 0.1});
  CHECK(hub.tally("t").state == SiteState::prepared);
}

TEST_CASE("findings are counted by severity") {
  Recorder recorder;
  EventHub hub(recorder, LogLevel::info);
  Finding finding;
  hub.finding(finding);
  finding.severity = Severity::warning;
  hub.finding(finding);
  finding.severity = Severity::info;
  hub.finding(finding);
  CHECK(hub.errors() == 1);
  CHECK(hub.warnings() == 1);
}
