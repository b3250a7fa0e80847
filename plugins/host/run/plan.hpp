// What a run would do, kept whole: a dry run leaves it, and a later run can be held to it.

#pragma once

#include "plugins/host/run/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::run {

struct PlannedChange {
  Action action = Action::put;  // never `keep`
  std::string key;
  std::uint64_t size = 0;  // bytes that move
  std::string reason;
  std::string file_sha256;  // of the site's file of that key, lower-case hex; empty = there is none
  bool operator==(const PlannedChange&) const = default;
};

/// What one stage does with one target.
struct TargetPlan {
  std::string target;    // name
  std::string display;   // "s3://bucket/prefix"
  std::string endpoint;  // "https://s3.example.com"
  std::string base;      // the release that the changes were found against; empty = none
  std::uint64_t kept = 0;
  std::vector<PlannedChange> changes;  // in order of key and action, each pair once
};

struct StagePlan {
  std::string stage;                // id
  std::string site_sha256;          // of the whole site as this stage saw it, lower-case hex
  std::vector<TargetPlan> targets;  // in order of name
};

struct Plan {
  std::vector<StagePlan> stages;  // those that have targets, in the order in which they ran
};

/// "put", "update", "headers", "copy", "delete", "keep".
std::string_view op_name(Action action);

/// The totals of a plan, as they are told before it is carried out.
PlanTotals totals_of(const StagePlan& stage, const TargetPlan& target);

struct Comparison {
  /// In which way it is not the approved plan, a line for each difference, with the ten first of
  /// the changes among them; empty = in none.
  std::string differences;
  std::uint64_t done = 0;  // changes that were planned and are not needed any more
};

/// Lays a plan beside the one that was approved. That fewer changes are needed, and else everything
/// is as planned, is no difference: the target is nearer to what was approved, as after a run that
/// was cut off. Pure.
Comparison compare_plans(const StagePlan& approved, const StagePlan& now);

}  // namespace deployflow::run
