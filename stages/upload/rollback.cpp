#include "stages/upload/rollback.hpp"

#include "stages/release/engine.hpp"
#include "stages/upload/release_options.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

namespace deployflow::stages {
namespace {

const release::ReleaseLine* choose(const release::Current& current, const std::string& id) {
  if (!id.empty()) {
    return current.find(id);
  }
  const auto live = std::find_if(current.releases.begin(),
                                 current.releases.end(),
                                 [&](const auto& one) { return one.id == current.live; });
  const auto before = std::next(live);
  return before == current.releases.end() ? nullptr : &*before;
}

[[noreturn]] void fail(Ctx ctx, const char* code, std::string message, std::string hint) {
  ctx.error(std::string(Rollback::name) + "/" + code, std::move(message)).hint(std::move(hint));
  throw Failure{DF_NOT_FOUND, ""};
}

/// Everything is known before anything is written: what is missing is said, and nothing is done.
void check_contents(Ctx ctx, release::Deployment& deployment, const std::string& id) {
  const std::vector<std::string> missing = deployment.missing();
  if (missing.empty()) {
    return;
  }
  constexpr std::size_t k_shown = 10;
  std::string list;
  for (std::size_t i = 0; i < std::min(missing.size(), k_shown); ++i) {
    list += "\n  " + missing[i];
  }
  if (missing.size() > k_shown) {
    list += "\n  and " + std::to_string(missing.size() - k_shown) + " more";
  }
  fail(ctx,
       "missing",
       deployment.target() + ": the contents of " + std::to_string(missing.size()) +
           " objects of release " + id + " are no longer there; nothing was done" + list,
       "deploy that version's files again");
}

void go_back(Ctx ctx, const Store& store, release::Deployment& deployment, const std::string& id) {
  deployment.lock();
  const auto state = release::read_current_state(ctx, store, deployment.target(), Rollback::name);
  if (!state.current) {
    fail(ctx, "no-releases", deployment.target() + " has no release", "deploy to it first");
  }
  const release::ReleaseLine* line = choose(*state.current, id);
  if (line == nullptr) {
    fail(ctx,
         "no-release",
         id.empty() ? deployment.target() + " has no release before the live one"
                    : deployment.target() + " has no release " + id,
         "`deployflow releases` lists those that can be gone back to");
  }
  auto manifest = release::read_release(ctx, store, deployment.target(), Rollback::name, *line);
  if (!manifest) {
    fail(ctx,
         "manifest",
         deployment.target() + ": the manifest of release " + line->id + " cannot be used",
         "deploy that version's files again");
  }
  deployment.compare_with_release(std::move(*manifest));
  check_contents(ctx, deployment, line->id);
}

}  // namespace

void Rollback::configure(Ctx /*ctx*/, const Options& given) {
  in_ = given.get_texts("in");
  release_ = given.get_or<std::string>("release", "");
  keep_contents_ = given.get_or("keep_contents", true);
  lease_ = read_lease_options(given);
}

void Rollback::run(Ctx ctx, const RunInfo& info) const {
  const Store store = ctx.store();
  release::Engine engine(ctx, name);
  for (const std::string& target : in_) {
    release::DeploymentOptions deployment;
    deployment.target = target;
    deployment.stage = name;
    deployment.removes = true;  // what came after that release goes
    deployment.most_removed = std::numeric_limits<std::uint64_t>::max();
    deployment.keep_contents = keep_contents_;
    deployment.lease = lease_;
    engine.add(std::make_unique<release::Deployment>(ctx, info, std::move(deployment)));
  }
  engine.each([&](release::Deployment& one) {
    go_back(ctx, store, one, release_);
    if (!keep_contents_) {
      release::warn_without_versions(ctx, store, one.target(), name);
    }
  });
  if (engine.status() != DF_OK) {
    throw Failure{engine.status(), ""};  // of several targets all go back, or none
  }
  const std::vector<release::Outcome> outcomes = engine.deliver(store);
  engine.each([](release::Deployment& one) { one.record_return(); });
  engine.each([](release::Deployment& one) { one.release(); });
  std::string behind;
  for (const release::Outcome& outcome : outcomes) {
    if (!outcome.is_current()) {
      behind += (behind.empty() ? "" : "; ") + release::summary(outcome);
    }
  }
  if (const df_status status = engine.status(); status != DF_OK) {
    throw Failure{status, behind};
  }
  ctx.set_output("release", "\"" + std::string(engine.deployments().front()->live_id()) + "\"");
  for (const auto& one : engine.deployments()) {
    ctx.answer(one->target() + ": release " + std::string(one->live_id()) +
               (info.dry_run != 0 ? " stays live (dry run)" : " is live"));
  }
}

}  // namespace deployflow::stages
