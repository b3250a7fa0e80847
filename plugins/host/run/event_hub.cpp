#include "plugins/host/run/event_hub.hpp"

#include <algorithm>

namespace deployflow::run {

void EventHub::send(const Event& event) {
  const std::lock_guard lock(mutex_);
  send_locked(event);
}

void EventHub::log(LogLevel level, const std::string& source, std::string text) {
  if (level < log_level_) {
    return;
  }
  send(LogLine{level, source, std::move(text)});
}

void EventHub::finding(Finding finding) {
  const std::lock_guard lock(mutex_);
  errors_ += finding.severity == Severity::error ? 1 : 0;
  warnings_ += finding.severity == Severity::warning ? 1 : 0;
  send_locked(finding);
}

void EventHub::progress(Progress progress) {
  constexpr auto k_pause = std::chrono::milliseconds(100);
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  const bool last = progress.total != 0 && progress.done >= progress.total;
  if (!last && progress_stage_ == progress.stage && now - progress_sent_ < k_pause) {
    return;
  }
  progress_stage_ = progress.stage;
  progress_sent_ = now;
  send_locked(progress);
}

void EventHub::plan(PlanEntry entry, const std::string& display) {
  const std::lock_guard lock(mutex_);
  PlanTotals& totals = plans_[{entry.stage, entry.target}];
  totals.stage = entry.stage;
  totals.target = entry.target;
  totals.display = display;
  totals.bytes += entry.action == Action::keep ? 0 : entry.size;
  changes_ += entry.action == Action::keep ? 0U : 1U;
  switch (entry.action) {
    case Action::put:
      ++totals.put;
      break;
    case Action::update:
      ++totals.update;
      break;
    case Action::headers:
      ++totals.headers;
      break;
    case Action::copy:
      ++totals.copy;
      break;
    case Action::remove:
      ++totals.remove;
      break;
    case Action::setting:
      ++totals.setting;
      break;
    case Action::keep:
      ++totals.keep;
      ++tallies_[entry.target].kept;
      return;
  }
  send_locked(entry);
}

void EventHub::flush_plan(const std::string& stage) {
  const std::lock_guard lock(mutex_);
  for (auto it = plans_.begin(); it != plans_.end();) {
    if (it->first.first == stage) {
      send_locked(it->second);
      it = plans_.erase(it);
    } else {
      ++it;
    }
  }
}

void EventHub::operation(OperationDone done) {
  const std::lock_guard lock(mutex_);
  TargetTally& tally = tallies_[done.target];
  if (done.action == Action::setting) {  // no object, and nothing that changes one
    send_locked(done);
    return;
  }
  if (done.action == Action::remove) {
    ++tally.deleted;
  } else {
    ++tally.stored;
    tally.bytes += done.size;
  }
  if (!tally.state_told) {
    tally.state =
        SiteState::changing;  // a stage that writes without saying what it does to the site
  }
  send_locked(done);
}

void EventHub::site_state(const std::string& target, SiteState state) {
  const std::lock_guard lock(mutex_);
  TargetTally& tally = tallies_[target];
  tally.state = state;
  tally.state_told = true;
}

void EventHub::output(std::string name, std::string json) {
  const std::lock_guard lock(mutex_);
  std::erase_if(outputs_, [&](const auto& output) { return output.first == name; });
  outputs_.emplace_back(std::move(name), std::move(json));
}

std::uint64_t EventHub::errors() const {
  const std::lock_guard lock(mutex_);
  return errors_;
}

std::uint64_t EventHub::warnings() const {
  const std::lock_guard lock(mutex_);
  return warnings_;
}

std::uint64_t EventHub::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

EventHub::TargetTally EventHub::tally(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  const auto found = tallies_.find(target);
  return found == tallies_.end() ? TargetTally{} : found->second;
}

std::vector<std::pair<std::string, std::string>> EventHub::outputs() const {
  const std::lock_guard lock(mutex_);
  return outputs_;
}

}  // namespace deployflow::run
