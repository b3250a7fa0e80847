// A run for programs: JSON Lines on standard output, the last line always a `result`.
//
// The lines are a promise; cli/README.md has every field. Fields are added, never changed.

#pragma once

#include "cli/ui/output.hpp"
#include "cli/ui/reporter.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

namespace deployflow::cli {

class JsonReporter : public Reporter {
 public:
  explicit JsonReporter(Output& output) : output_(output) {}

  void on_event(const run::Event& event) override;
  void begin(const std::string& /*what*/, SiteKind /*kind*/) override {}
  void note(const std::string& text) override;
  void refuse(const Refusal& refusal) override;

 private:
  void notice(const run::Finding& finding);
  [[nodiscard]] run::RunFinished explained(run::RunFinished finished) const;

  std::mutex mutex_;  // guards everything below
  Output& output_;
  std::optional<run::Finding> first_error_;  // in the order of places, not of time
  std::chrono::steady_clock::time_point last_progress_;
  bool has_result_ = false;  // the last line is written
};

/// The line of an event, with its '\n'; empty for one that JSON does not tell.
std::string json_line(const run::Event& event);
/// The `result` of a command that was refused.
std::string json_line(const Refusal& refusal);

}  // namespace deployflow::cli
