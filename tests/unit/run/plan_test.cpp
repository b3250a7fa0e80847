#include "plugins/host/run/plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>

using namespace deployflow::run;

namespace {

StagePlan approved_plan() {
  TargetPlan primary{"primary", "s3://a", "https://s3.example.com", "R1", 3, {}};
  primary.changes = {{Action::update, "a.css", 4, "content differs", "aa"},
                     {Action::put, "b.css", 5, "new", "bb"},
                     {Action::remove, "old.css", 0, "no longer in the site", ""}};
  TargetPlan second{"second", "s3://b", "https://s3.example.com", "", 4, {}};
  return {"upload", "5e7e", {primary, second}};
}

std::string differences(const std::function<void(StagePlan&)>& change) {
  StagePlan now = approved_plan();
  change(now);
  return compare_plans(approved_plan(), now).differences;
}

}  // namespace

TEST_CASE("the same plan has no differences") {
  CHECK(differences([](StagePlan&) {}).empty());
  CHECK(compare_plans(approved_plan(), approved_plan()).done == 0);
}

TEST_CASE("whatever moved is named") {
  CHECK(differences([](StagePlan& now) { now.site_sha256 = "0"; }) == "the site is another one");
  CHECK(differences([](StagePlan& now) { now.targets[0].base = "R2"; }) ==
        "primary: release R2 is live now, and the plan was made when it was release R1");
  CHECK(differences([](StagePlan& now) { now.targets[1].base = "R2"; }) ==
        "second: release R2 is live now, and the plan was made when it was no release");
  CHECK(differences([](StagePlan& now) { now.targets[0].display = "s3://c"; }) ==
        "primary: the plan is for s3://a at https://s3.example.com, and this is s3://c at "
        "https://s3.example.com");
  CHECK(differences([](StagePlan& now) { now.targets[0].endpoint = "https://else"; }) ==
        "primary: the plan is for s3://a at https://s3.example.com, and this is s3://a at "
        "https://else");
  CHECK(differences([](StagePlan& now) { now.targets[0].kept = 2; }) ==
        "primary: 2 objects stay as they are, and the plan says 3");
  CHECK(differences([](StagePlan& now) { now.targets.pop_back(); }) ==
        "second: is in the plan, and could not be looked at or is not written to");
  CHECK(differences([](StagePlan& now) {
          now.targets.push_back({"third", "", "", "", 0, {}});
        }) == "third: is not in the plan");
}

TEST_CASE("a change that is another one is named as it is and as it was planned") {
  const auto first = [](StagePlan& now) -> PlannedChange& { return now.targets[0].changes[0]; };
  CHECK(differences([&](StagePlan& now) { first(now).reason = "drifted"; }) ==
        "primary: other than planned: update a.css (drifted), 4 B; the plan says update a.css "
        "(content differs), 4 B");
  CHECK(differences([&](StagePlan& now) { first(now).size = 9; }) ==
        "primary: other than planned: update a.css (content differs), 9 B; the plan says update "
        "a.css (content differs), 4 B");
  CHECK(differences([&](StagePlan& now) { first(now).file_sha256 = "cc"; }) ==
        "primary: another content now: update a.css (content differs)");
}

TEST_CASE("a change more is a difference, and then those that are gone are named as well") {
  CHECK(differences([](StagePlan& now) {
          now.targets[0].changes.push_back({Action::put, "z.css", 1, "new", ""});
        }) == "primary: now also: put z.css (new)");
  // Another action on the same key is another change.
  CHECK(differences([](StagePlan& now) { now.targets[0].changes[1].action = Action::update; }) ==
        "primary: no longer: put b.css (new)\nprimary: now also: update b.css (new)");
}

TEST_CASE("fewer changes are no difference, if all else is as planned") {
  StagePlan now = approved_plan();
  now.targets[0].changes.erase(now.targets[0].changes.begin());
  now.targets[0].kept = 4;  // it is there already
  const Comparison found = compare_plans(approved_plan(), now);
  CHECK(found.differences.empty());
  CHECK(found.done == 1);
  now.targets[0].base = "R2";
  CHECK(compare_plans(approved_plan(), now).differences ==
        "primary: release R2 is live now, and the plan was made when it was release R1\n"
        "primary: no longer: update a.css (content differs)");
}

TEST_CASE("of many changes the first ten are named, and no character of a key gets through") {
  const std::string said = differences([](StagePlan& now) {
    for (int i = 0; i < 25; ++i) {
      now.targets[1].changes.push_back({Action::put, "k" + std::to_string(100 + i), 1, "new", ""});
    }
    now.targets[1].changes[0].key = "\x1b[2J";
  });
  CHECK(std::count(said.begin(), said.end(), '\n') == 10);
  CHECK(said.starts_with("second: now also: put \\x1b[2J (new)\n"));
  CHECK(said.ends_with("\nand 15 more"));
}

TEST_CASE("totals are counted from the changes") {
  const StagePlan plan = approved_plan();
  const PlanTotals totals = totals_of(plan, plan.targets[0]);
  CHECK(totals.put == 1);
  CHECK(totals.update == 1);
  CHECK(totals.remove == 1);
  CHECK(totals.keep == 3);
  CHECK(totals.bytes == 9);
}
