#include "plugins/host/run/plan.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace deployflow::run {
namespace {

constexpr std::size_t k_most_named = 10;

std::string release_text(const std::string& base) {
  return base.empty() ? "no release" : "release " + printable(base);
}

std::string change_text(const PlannedChange& change) {
  return fmt::format("{} {}{}",
                     op_name(change.action),
                     printable(change.key),
                     change.reason.empty() ? "" : fmt::format(" ({})", printable(change.reason)));
}

/// Lines of which all about targets are kept, and so many about changes.
class Lines {
 public:
  void add(std::string line) {
    ++differences_;
    append(std::move(line));
  }
  void add_change(const std::string& target, std::string_view how, const std::string& what) {
    ++differences_;
    name_change(target, how, what);
  }
  void add_done(const std::string& target, const std::string& what) {
    ++done_;
    name_change(target, "no longer", what);
  }
  Comparison finish() {
    if (differences_ == 0) {
      return {"", done_};
    }
    if (changes_ > k_most_named) {
      append(fmt::format("and {} more", changes_ - k_most_named));
    }
    return {std::move(text_), done_};
  }
  [[nodiscard]] std::size_t changes() const { return changes_; }

 private:
  void append(std::string line) { text_ += (text_.empty() ? "" : "\n") + std::move(line); }
  void name_change(const std::string& target, std::string_view how, const std::string& what) {
    if (++changes_ <= k_most_named) {
      append(fmt::format("{}: {}: {}", printable(target), how, what));
    }
  }

  std::string text_;
  std::size_t changes_ = 0;
  std::size_t differences_ = 0;
  std::uint64_t done_ = 0;
};

bool comes_before(const PlannedChange& a, const PlannedChange& b) {
  return std::tie(a.key, a.action) < std::tie(b.key, b.action);
}

void compare_change(const std::string& target,
                    const PlannedChange& approved,
                    const PlannedChange& now,
                    Lines& lines) {
  if (approved == now) {
    return;
  }
  PlannedChange other_file = approved;
  other_file.file_sha256 = now.file_sha256;
  if (other_file == now) {
    lines.add_change(target, "another content now", change_text(now));
  } else {
    lines.add_change(target,
                     "other than planned",
                     fmt::format("{}, {}; the plan says {}, {}",
                                 change_text(now),
                                 format_bytes(now.size),
                                 change_text(approved),
                                 format_bytes(approved.size)));
  }
}

void compare_changes(const TargetPlan& approved, const TargetPlan& now, Lines& lines) {
  auto old = approved.changes.begin();
  auto found = now.changes.begin();
  while (old != approved.changes.end() || found != now.changes.end()) {
    const bool is_new =
        old == approved.changes.end() || (found != now.changes.end() && comes_before(*found, *old));
    const bool is_gone =
        found == now.changes.end() || (old != approved.changes.end() && comes_before(*old, *found));
    if (is_new) {
      lines.add_change(now.target, "now also", change_text(*found++));
    } else if (is_gone) {
      lines.add_done(now.target, change_text(*old++));
    } else {
      compare_change(now.target, *old++, *found++, lines);
    }
  }
}

void compare_target(const TargetPlan& approved, const TargetPlan& now, Lines& lines) {
  const std::string name = printable(now.target);
  if (approved.display != now.display || approved.endpoint != now.endpoint) {
    lines.add(fmt::format("{}: the plan is for {} at {}, and this is {} at {}",
                          name,
                          printable(approved.display),
                          printable(approved.endpoint),
                          printable(now.display),
                          printable(now.endpoint)));
  }
  if (approved.base != now.base) {
    lines.add(fmt::format("{}: {} is live now, and the plan was made when it was {}",
                          name,
                          release_text(now.base),
                          release_text(approved.base)));
  }
  const std::size_t before = lines.changes();
  compare_changes(approved, now, lines);
  if (approved.kept != now.kept && lines.changes() == before) {
    lines.add(fmt::format(
        "{}: {} objects stay as they are, and the plan says {}", name, now.kept, approved.kept));
  }
}

}  // namespace

std::string_view op_name(Action action) {
  switch (action) {
    case Action::put:
      return "put";
    case Action::update:
      return "update";
    case Action::headers:
      return "headers";
    case Action::copy:
      return "copy";
    case Action::remove:
      return "delete";
    case Action::setting:
      return "setting";
    case Action::keep:
      return "keep";
  }
  return "";
}

PlanTotals totals_of(const StagePlan& stage, const TargetPlan& target) {
  PlanTotals totals;
  totals.stage = stage.stage;
  totals.target = target.target;
  totals.display = target.display;
  totals.keep = target.kept;
  for (const PlannedChange& change : target.changes) {
    totals.bytes += change.size;
    totals.put += change.action == Action::put ? 1U : 0U;
    totals.update += change.action == Action::update ? 1U : 0U;
    totals.headers += change.action == Action::headers ? 1U : 0U;
    totals.copy += change.action == Action::copy ? 1U : 0U;
    totals.remove += change.action == Action::remove ? 1U : 0U;
    totals.setting += change.action == Action::setting ? 1U : 0U;
  }
  return totals;
}

Comparison compare_plans(const StagePlan& approved, const StagePlan& now) {
  Lines lines;
  if (approved.site_sha256 != now.site_sha256) {
    lines.add("the site is another one");
  }
  auto old = approved.targets.begin();
  auto found = now.targets.begin();
  while (old != approved.targets.end() || found != now.targets.end()) {
    if (found == now.targets.end() ||
        (old != approved.targets.end() && old->target < found->target)) {
      lines.add(fmt::format("{}: is in the plan, and could not be looked at or is not written to",
                            printable((old++)->target)));
    } else if (old == approved.targets.end() || found->target < old->target) {
      lines.add(fmt::format("{}: is not in the plan", printable((found++)->target)));
    } else {
      compare_target(*old++, *found++, lines);
    }
  }
  return lines.finish();
}

}  // namespace deployflow::run
