#include "plugins/host/run/target_book.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/pipeline/target_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace deployflow::run {

TargetBook::TargetBook(const pipeline::Pipeline& pipeline,
                       Environment environment,
                       store::DryRun dry_run,
                       StopToken stop,
                       ThreadPool& pool,
                       std::function<void(std::string_view)> trace)
    : pipeline_(pipeline),
      environment_(std::move(environment)),
      dry_run_(dry_run),
      stop_(std::move(stop)),
      pool_(pool),
      trace_(std::move(trace)) {}

Result<store::TargetStore*> TargetBook::open(std::string_view name) {
  const std::lock_guard lock(mutex_);
  auto found = stores_.find(name);
  if (found == stores_.end()) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    const pipeline::Target* target = pipeline_.find_target(name.substr(0, slash));
    if (target == nullptr) {
      return Error{Errc::config,
                   fmt::format("there is no target \"{}\"", printable(name)),
                   "add it to `targets:`"};
    }
    store::TargetConfig config = target->config;
    if (slash < name.size()) {
      TRY_ASSIGN(const std::string folder, pipeline::normal_prefix(name.substr(slash)));
      config.name = name;
      store::move_below(config, folder);
    }
    if (!engine_) {
      engine_ = std::make_unique<store::Engine>(
          store::EngineOptions{.stop = stop_, .trace = trace_}, pool_);
    }
    found = stores_
                .emplace(std::string(name),
                         store::open_target(*engine_, config, environment_, dry_run_))
                .first;
  }
  if (!found->second) {
    return found->second.error();
  }
  return found->second.value().get();
}

std::unique_ptr<TargetBook> TargetBook::again(StopToken stop) const {
  return std::make_unique<TargetBook>(
      pipeline_, environment_, dry_run_, std::move(stop), pool_, trace_);
}

bool TargetBook::was_asked_for(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return stores_.find(name) != stores_.end();
}

}  // namespace deployflow::run
