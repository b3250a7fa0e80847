// Listens to a run and keeps what a report is made of.

#pragma once

#include "cli/report/places.hpp"
#include "cli/report/report.hpp"
#include "cli/report/sources.hpp"
#include "cli/ui/reporter.hpp"

#include <chrono>
#include <mutex>
#include <string>

namespace deployflow::cli {

class Collector : public Reporter {
 public:
  Collector(std::string command, Places places);

  void on_event(const run::Event& event) override;
  void begin(const std::string& what, SiteKind kind) override;
  void note(const std::string& /*text*/) override {}
  void refuse(const Refusal& refusal) override;

  /// All of it, once, when the command ends with `code`; in order, with paths and fingerprints.
  Report take(ExitCode code);
  /// The files as they were when the site was read.
  [[nodiscard]] Sources sources() const { return Sources(seen_); }

 private:
  void finish(const run::RunFinished& finished);
  void complete(Entry& entry) const;

  std::mutex mutex_;  // guards everything below
  Places places_;
  Report report_;
  std::chrono::system_clock::time_point seen_;
};

}  // namespace deployflow::cli
