// Who listens to a command: several reporters as one, chosen by the command line.

#pragma once

#include "cli/command_line.hpp"
#include "cli/surroundings.hpp"
#include "cli/ui/output.hpp"
#include "cli/ui/reporter.hpp"

#include <memory>
#include <vector>

namespace deployflow::cli {

/// Tells all of them the same, in the order in which they were added.
class Reporters : public Reporter {
 public:
  void add(std::unique_ptr<Reporter> reporter);
  /// One that belongs to someone else.
  void add(Reporter& reporter) { all_.push_back(&reporter); }

  void on_event(const run::Event& event) override;
  void begin(const std::string& what, SiteKind kind) override;
  void note(const std::string& text) override;
  void refuse(const Refusal& refusal) override;
  void tick() override;

 private:
  std::vector<std::unique_ptr<Reporter>> owned_;
  std::vector<Reporter*> all_;
};

/// Is nothing written to any target, because only the plan is shown?
bool is_dry(const CommandLine& line);

/// Where text for people goes.
std::unique_ptr<Output> make_error_output(Surroundings& around);

/// What speaks on the two streams: --json, --quiet, --verbose, the format that is shown. `err`
/// outlives it.
std::unique_ptr<Reporters> make_reporters(const CommandLine& line,
                                          Surroundings& around,
                                          Output& err);

}  // namespace deployflow::cli
