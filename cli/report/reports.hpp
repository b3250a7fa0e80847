// All that a command line and its surroundings ask for beside the text on the terminal: report
// files, a document on standard output, annotations and a job summary on GitHub Actions.

#pragma once

#include "cli/command_line.hpp"
#include "cli/report/collector.hpp"
#include "cli/surroundings.hpp"

#include <memory>
#include <string>
#include <vector>

namespace deployflow::cli {

class Reports {
 public:
  /// Errors: `usage` if a file could not be written; nothing is left behind.
  static Result<Reports> open(const CommandLine& line, const Surroundings& around);

  /// Who hears of the run; nullptr if nobody asks for anything.
  [[nodiscard]] Reporter* listener() const { return collector_.get(); }

  /// Write all, as the last thing of a command that ends with `code`. Returns what could not be
  /// written.
  std::vector<Error> close(ExitCode code, Surroundings& around);

 private:
  Reports() = default;

  std::vector<FormatChoice> choices_;
  bool annotates_ = false;  // by itself
  std::string summary_;     // file; empty = none
  std::unique_ptr<Collector> collector_;
};

/// Is this a step of GitHub Actions, whose runner reads what we print?
bool is_on_github(const Environment& environment);

}  // namespace deployflow::cli
