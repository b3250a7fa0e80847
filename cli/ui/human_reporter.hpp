// A run for people: lines on standard error, the public URL alone on standard output.

#pragma once

#include "cli/report/sources.hpp"
#include "cli/ui/finding_list.hpp"
#include "cli/ui/line_printer.hpp"
#include "cli/ui/reporter.hpp"
#include "cli/ui/words.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace deployflow::cli {

enum class Verbosity : std::uint8_t { quiet, normal, detailed };
enum class RunKind : std::uint8_t { real, dry };
enum class Findings : std::uint8_t { told, left_out };  // left out: another format shows them

struct Manner {
  Verbosity verbosity = Verbosity::normal;
  RunKind kind = RunKind::real;
  Findings findings = Findings::told;
};

class HumanReporter : public Reporter {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  /// `result`: where the URL goes; nullptr = nowhere (with --json, or
  /// when a document is on standard output).
  HumanReporter(LinePrinter printer, Output* result, const Manner& manner, Now now);

  void on_event(const run::Event& event) override;
  void begin(const std::string& what, SiteKind kind) override;
  void note(const std::string& text) override;
  void refuse(const Refusal& refusal) override;
  void tick() override;

 private:
  struct Tally {  // what a stage did to one target
    std::uint64_t sent = 0, copied = 0, headers = 0, removed = 0, bytes = 0;
    std::vector<std::string> settings;  // of its bucket
  };
  struct Stage {
    std::string id;
    std::chrono::steady_clock::time_point since;
    Doing doing;
    std::optional<run::Progress> progress;
    std::map<std::string, Tally> tallies;  // by target
  };

  void show(const run::SiteScanned& scanned);
  void show(const run::StageStarted& started);
  void show(const run::StageFinished& finished);
  void show(const run::Finding& finding);
  void show(const run::PlanEntry& entry);
  void show(const run::PlanTotals& totals);
  void show(const run::OperationDone& done);
  void show(const run::Progress& progress);
  void show(const run::LogLine& line);
  void show(const run::Answer& answer);
  void show(const run::RunFinished& finished);

  void say(const Line& line);                      // unless quiet
  void print_all(const std::vector<Line>& lines);  // also when quiet
  void print_tally(const std::string& target, const Tally& tally, double seconds);
  void print_planned();
  void show_progress();
  [[nodiscard]] std::vector<Line> tell(const run::Finding& finding);
  [[nodiscard]] Doing done_or_planned() const;
  [[nodiscard]] Line progress_line(std::size_t columns) const;
  [[nodiscard]] double seconds_since(std::chrono::steady_clock::time_point then) const;

  std::mutex mutex_;  // guards everything below
  LinePrinter printer_;
  Output* result_;
  Verbosity verbosity_;
  RunKind kind_;
  Findings shown_;
  Now now_;
  Sources sources_;  // as they were when the site was read
  FindingList findings_;
  SiteKind site_ = SiteKind::folder;
  bool is_input_ = false;   // the site is standard input
  bool has_ended_ = false;  // the last word is said
  std::string beginning_;   // what is being read; empty once the site is scanned
  std::optional<Stage> stage_;
  std::map<std::string, std::string> displays_;  // target -> "s3://bucket/prefix"
  std::vector<run::PlanEntry> planned_;          // of a dry run, until the totals have been shown
  std::chrono::steady_clock::time_point quiet_since_;  // since the run began or the last line
  std::chrono::steady_clock::time_point drawn_;        // the last status line
};

}  // namespace deployflow::cli
