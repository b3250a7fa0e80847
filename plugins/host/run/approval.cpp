#include "plugins/host/run/approval.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/load/status.hpp"
#include "plugins/host/run/stage_call.hpp"
#include "plugins/host/site/site_digest.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace deployflow::run {
namespace {

// A plan outlives the run as JSON, which holds nothing but UTF-8: what is not is spelled out before
// it is compared.
std::string as_utf8(const std::string& text) {
  return is_utf8(text) ? text : printable(text);
}

}  // namespace

void Approval::add(const PlanEntry& entry) {
  if (!is_on_) {
    return;
  }
  const std::lock_guard lock(mutex_);
  Collected& target = stages_[entry.stage][entry.target];
  if (entry.action == Action::keep) {
    ++target.kept;
    return;
  }
  std::string key = as_utf8(entry.key);
  target.changes.insert_or_assign(
      {key, entry.action}, PlannedChange{entry.action, key, entry.size, as_utf8(entry.reason), {}});
}

const StagePlan* Approval::find_approved(std::string_view stage) const {
  const auto found = std::find_if(approved_->stages.begin(),
                                  approved_->stages.end(),
                                  [&](const StagePlan& one) { return one.stage == stage; });
  return found == approved_->stages.end() ? nullptr : &*found;
}

const Approval::Settled* Approval::find_settled(std::string_view stage) const {
  const auto found = std::find_if(
      settled_.begin(), settled_.end(), [&](const Settled& one) { return one.stage == stage; });
  return found == settled_.end() ? nullptr : &*found;
}

df_status Approval::settle(df_ctx& call, const std::vector<Base>& bases) {
  if (!is_on_) {
    return DF_OK;
  }
  const std::string& stage = call.stage().id;
  const std::lock_guard lock(mutex_);
  if (is_refused_) {
    return DF_CONFLICT;
  }
  if (find_settled(stage) != nullptr) {
    return DF_OK;
  }
  for (const auto& [target, base] : bases) {
    stages_[stage][target].base = as_utf8(base);
  }
  const StagePlan* approved = approved_ != nullptr ? find_approved(stage) : nullptr;
  Settled& settled = settled_.emplace_back(Settled{stage, {}});
  if (stages_[stage].empty() && approved == nullptr) {
    return DF_OK;  // a stage that changes nothing anywhere
  }
  if (const auto looked = look_at_files(stage, settled); !looked) {
    return refuse(call, looked.error());
  }
  if (approved_ == nullptr) {
    return DF_OK;
  }
  const StagePlan now = make_plan(settled);
  const StagePlan nothing{stage, now.site_sha256, {}};
  const Comparison found = compare_plans(approved != nullptr ? *approved : nothing, now);
  if (!found.differences.empty()) {
    return refuse(call,
                  {Errc::conflict,
                   "this is not what was planned\n" + found.differences,
                   "make a new plan with `deployflow plan --out FILE`"});
  }
  if (found.done > 0) {
    call.run().events.log(
        LogLevel::warning,
        stage,
        fmt::format("{} of the planned changes are there already, and the others are made",
                    found.done));
  }
  return DF_OK;
}

df_status Approval::refuse(df_ctx& call, const Error& error) {
  is_refused_ = true;
  return call.fail(error, "host/not-as-planned");
}

/// The digest of the site, and of each file that a change is about.
Result<void> Approval::look_at_files(const std::string& stage, Settled& settled) {
  TRY_ASSIGN(settled.site_sha256, site::site_digest(artifacts_, pool_, stop_));
  for (auto& [name, target] : stages_[stage]) {
    for (auto& [key, change] : target.changes) {
      const auto file = change.action != Action::remove ? artifacts_.find(change.key)
                                                        : site::ArtifactSet::Pointer();
      if (file) {
        TRY_ASSIGN(auto digests, artifacts_.digests(file->id, stop_));
        change.file_sha256 = std::move(digests.sha256);
      }
    }
  }
  return {};
}

StagePlan Approval::make_plan(const Settled& settled) const {
  StagePlan plan{settled.stage, settled.site_sha256, {}};
  const auto stage = stages_.find(settled.stage);
  if (stage == stages_.end()) {
    return plan;
  }
  for (const auto& [name, collected] : stage->second) {
    TargetPlan target;
    target.target = as_utf8(name);
    if (const auto store = targets_.open(name)) {
      target.display = store.value()->config().display();
      target.endpoint = store.value()->endpoint();
    }
    target.base = collected.base;
    target.kept = collected.kept;
    for (const auto& [key, change] : collected.changes) {
      target.changes.push_back(change);
    }
    plan.targets.push_back(std::move(target));
  }
  return plan;
}

bool Approval::allows(const std::string& stage,
                      std::string_view target,
                      std::string_view key,
                      bool removes) const {
  if (approved_ == nullptr) {
    return true;
  }
  const std::lock_guard lock(mutex_);
  const StagePlan* approved = find_approved(stage);
  if (is_refused_ || approved == nullptr || find_settled(stage) == nullptr) {
    return false;
  }
  const auto to = std::find_if(approved->targets.begin(),
                               approved->targets.end(),
                               [&](const TargetPlan& one) { return one.target == target; });
  if (to == approved->targets.end()) {
    return false;
  }
  auto change =
      std::lower_bound(to->changes.begin(),
                       to->changes.end(),
                       key,
                       [](const PlannedChange& one, std::string_view k) { return one.key < k; });
  for (; change != to->changes.end() && change->key == key; ++change) {
    if ((change->action == Action::remove) == removes) {
      return true;
    }
  }
  return false;
}

Plan Approval::take() {
  const std::lock_guard lock(mutex_);
  Plan plan;
  for (const Settled& settled : settled_) {
    StagePlan stage = make_plan(settled);
    if (!stage.targets.empty()) {
      plan.stages.push_back(std::move(stage));
    }
  }
  return plan;
}

}  // namespace deployflow::run
