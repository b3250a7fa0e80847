// Where everything that happens in a run passes: counted, thinned out, and handed to the sink one
// at a time.

#pragma once

#include "plugins/host/run/event.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace deployflow::run {

/// Thread-safe.
class EventHub {
 public:
  EventHub(EventSink& sink, LogLevel log_level) : sink_(sink), log_level_(log_level) {}

  void send(const Event& event);
  void log(LogLevel level, const std::string& source, std::string text);
  void finding(Finding finding);
  /// At most ten a second for a stage; the one that completes the total always passes.
  void progress(Progress progress);
  /// Counts the entry; sends it unless it is `keep`. `display` names the target for people.
  void plan(PlanEntry entry, const std::string& display);
  /// Send the totals of `stage` that were not sent yet.
  void flush_plan(const std::string& stage);
  void operation(OperationDone done);
  void site_state(const std::string& target, SiteState state);
  void output(std::string name, std::string json);

  struct TargetTally {
    SiteState state = SiteState::unchanged;
    bool state_told = false;
    std::uint64_t stored = 0, deleted = 0, kept = 0, bytes = 0;
  };
  [[nodiscard]] std::uint64_t errors() const;
  [[nodiscard]] std::uint64_t warnings() const;
  [[nodiscard]] std::uint64_t changes() const;  // planned, of all stages
  [[nodiscard]] TargetTally tally(const std::string& target) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> outputs() const;

 private:
  void send_locked(const Event& event) { sink_.on_event(event); }

  EventSink& sink_;
  const LogLevel log_level_;
  mutable std::mutex mutex_;  // guards all below, and serialises the sink
  std::uint64_t errors_ = 0;
  std::uint64_t warnings_ = 0;
  std::uint64_t changes_ = 0;
  std::map<std::string, TargetTally, std::less<>> tallies_;
  std::map<std::pair<std::string, std::string>, PlanTotals>
      plans_;  // by stage and target, not sent yet
  std::vector<std::pair<std::string, std::string>> outputs_;
  std::string progress_stage_;
  std::chrono::steady_clock::time_point progress_sent_{};
};

}  // namespace deployflow::run
