#include "cli/ui/human_reporter.hpp"

#include "cli/ui/closing.hpp"
#include "cli/ui/progress_line.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/pipeline/pipeline.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>
#include <variant>

namespace deployflow::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_before_first_bar = 500ms;
constexpr auto k_between_bars = 100ms;
constexpr auto k_heartbeat = 10s;

Tone tone_of(run::LogLevel level) {
  switch (level) {
    case run::LogLevel::warning:
      return Tone::caution;
    case run::LogLevel::error:
      return Tone::bad;
    default:
      return Tone::plain;
  }
}

}  // namespace

HumanReporter::HumanReporter(LinePrinter printer, Output* result, const Manner& manner, Now now)
    : printer_(std::move(printer)),
      result_(result),
      verbosity_(manner.verbosity),
      kind_(manner.kind),
      shown_(manner.findings),
      now_(std::move(now)),
      sources_(std::chrono::system_clock::now()),
      findings_(manner.verbosity == Verbosity::detailed,
                [this](const run::Finding& finding) { return tell(finding); }),
      quiet_since_(now_()) {}

void HumanReporter::on_event(const run::Event& event) {
  const std::lock_guard lock(mutex_);
  std::visit([this](const auto& one) { show(one); }, event);
}

void HumanReporter::begin(const std::string& what, SiteKind kind) {
  const std::lock_guard lock(mutex_);
  beginning_ = what;
  is_input_ = what == k_standard_input;
  site_ = kind;
  quiet_since_ = now_();
}

void HumanReporter::note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (!has_ended_) {
    say(verb_line(Tone::caution, "Note", printable(text)));
  }
}

void HumanReporter::refuse(const Refusal& refusal) {
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  for (const auto& diagnostic : refusal.diagnostics) {
    run::Finding finding;
    finding.message = diagnostic.message;
    finding.hint = diagnostic.hint;
    finding.file = refusal.file;
    finding.line = diagnostic.at.line;
    finding.column = diagnostic.at.column;
    print_all(finding_lines(finding));
  }
  if (refusal.error.code == Errc::cancelled) {
    print_all({verb_line(Tone::bad, "Not released", "Interrupted. The live site is unchanged.")});
  } else if (refusal.diagnostics.empty()) {
    print_all(error_lines(refusal.error));
  }
}

void HumanReporter::tick() {
  const std::lock_guard lock(mutex_);
  if (stage_ || !beginning_.empty()) {
    show_progress();
  }
}

void HumanReporter::say(const Line& line) {
  if (verbosity_ != Verbosity::quiet) {
    printer_.print(line);
    quiet_since_ = now_();
  }
}

void HumanReporter::print_all(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    printer_.print(line);
  }
  quiet_since_ = lines.empty() ? quiet_since_ : now_();
}

double HumanReporter::seconds_since(std::chrono::steady_clock::time_point then) const {
  return std::chrono::duration<double>(now_() - then).count();
}

void HumanReporter::show(const run::SiteScanned& scanned) {
  beginning_.clear();
  sources_ = Sources(std::chrono::system_clock::now());
  const std::string files =
      site_ == SiteKind::folder ? count_of(scanned.files, "file") + " in " : std::string();
  say(verb_line(
      Tone::good,
      "Checking",
      fmt::format("{}{} ({})", files, printable(scanned.site), format_bytes(scanned.bytes))));
}

void HumanReporter::show(const run::StageStarted& started) {
  stage_ = Stage{started.stage, now_(), {}, std::nullopt, {}};
}

void HumanReporter::show(const run::StageFinished& finished) {
  print_planned();
  print_all(findings_.take_rest());
  if (!stage_) {
    return;
  }
  const Stage stage = *std::exchange(stage_, std::nullopt);
  printer_.clear_status();
  if (finished.ok) {
    for (const auto& [target, tally] : stage.tallies) {
      print_tally(target, tally, finished.seconds);
    }
  }
  if (verbosity_ == Verbosity::detailed && stage.tallies.empty()) {
    say(verb_line(
        finished.ok ? Tone::good : Tone::bad,
        finished.ok ? "Finished" : "Failed",
        fmt::format("{} after {}", printable(stage.id), duration_text(finished.seconds))));
  }
}

void HumanReporter::print_tally(const std::string& target, const Tally& tally, double seconds) {
  // One target was named when it was planned; several must be told apart.
  const std::string where =
      displays_.size() > 1 ? fmt::format(" to {}", printable(displays_[target])) : "";
  if (tally.sent + tally.copied > 0) {
    say(verb_line(Tone::good,
                  std::string(verb_done(tally.sent > 0 ? run::Action::put : run::Action::copy)),
                  fmt::format("{} ({}){} in {}",
                              count_of(tally.sent + tally.copied, "file"),
                              format_bytes(tally.bytes),
                              where,
                              duration_text(seconds))));
  }
  if (tally.headers > 0) {
    say(verb_line(
        Tone::good, "Updated", fmt::format("the headers of {}", count_of(tally.headers, "file"))));
  }
  if (tally.removed > 0) {
    say(verb_line(Tone::good, "Deleted", count_of(tally.removed, "object")));
  }
  for (const std::string& setting : tally.settings) {
    say(verb_line(Tone::good,
                  "Set",
                  fmt::format("{} of {}", printable(setting), printable(displays_[target]))));
  }
}

// A frame where someone looks at a terminal or asked for more: a log is searched, not looked at.
std::vector<Line> HumanReporter::tell(const run::Finding& finding) {
  constexpr std::size_t k_log_columns = 100;
  constexpr std::size_t k_gutter = 12;
  std::optional<Frame> frame;
  if (printer_.moving() || verbosity_ == Verbosity::detailed) {
    const std::size_t columns = printer_.moving() ? printer_.columns() : k_log_columns;
    frame = frame_of(finding, sources_, columns > k_gutter ? columns - k_gutter : columns);
  }
  if (is_input_ && !finding.key.empty()) {
    run::Finding named = finding;  // where standard input is kept is no name for it
    named.file.clear();
    return finding_lines(named, frame);
  }
  return finding_lines(finding, frame);
}

void HumanReporter::show(const run::Finding& finding) {
  if (shown_ == Findings::left_out) {
    return;
  }
  if (verbosity_ != Verbosity::quiet || finding.severity == run::Severity::error) {
    // While a stage only looks at files, its findings can wait to be put in order; an upload that
    // goes wrong is told at once.
    const bool checking = stage_ && stage_->doing.total() == 0 && !finding.file.empty();
    print_all(findings_.add(finding,
                            checking ? FindingList::When::in_order : FindingList::When::at_once));
  }
}

void HumanReporter::show(const run::PlanEntry& entry) {
  if (kind_ == RunKind::dry && entry.action != run::Action::keep) {
    planned_.push_back(entry);
  }
}

void HumanReporter::show(const run::PlanTotals& totals) {
  print_all(findings_.take_rest());
  displays_[totals.target] = totals.display;
  if (stage_) {
    stage_->doing.add(run::Action::put, totals.put + totals.update);
    stage_->doing.add(run::Action::headers, totals.headers);
    stage_->doing.add(run::Action::copy, totals.copy);
    stage_->doing.add(run::Action::remove, totals.remove);
    stage_->doing.add(run::Action::setting, totals.setting);
  }
  say(verb_line(
      Tone::good, "Planning", fmt::format("{}: {}", printable(totals.display), describe(totals))));
  print_planned();
}

void HumanReporter::print_planned() {
  for (const run::PlanEntry& entry : std::exchange(planned_, {})) {
    say(verb_line(
        Tone::good,
        std::string(verb_would(entry.action)),
        fmt::format("{}{}",
                    printable(entry.key),
                    entry.reason.empty() ? "" : fmt::format(" ({})", printable(entry.reason)))));
  }
}

void HumanReporter::show(const run::OperationDone& done) {
  if (kind_ == RunKind::dry) {
    return;
  }
  if (stage_) {
    Tally& tally = stage_->tallies[done.target];
    Doing doing;
    doing.add(done.action);
    tally.sent += doing.sent;
    tally.copied += doing.copied;
    tally.headers += doing.headers;
    tally.removed += doing.removed;
    if (done.action == run::Action::setting) {
      tally.settings.push_back(done.key);
    }
    tally.bytes += doing.sent + doing.copied > 0 ? done.size : 0;
  }
  if (verbosity_ == Verbosity::detailed) {
    say(verb_line(Tone::good, std::string(verb_done(done.action)), printable(done.key)));
  }
}

void HumanReporter::show(const run::Progress& progress) {
  if (stage_) {
    stage_->progress = progress;
    show_progress();
  }
}

void HumanReporter::show(const run::LogLine& line) {
  if (verbosity_ != Verbosity::quiet || line.level == run::LogLevel::error) {
    print_all({{tone_of(line.level),
                fmt::format("{}:", name_of(line.level)),
                fmt::format("{}: {}", printable(line.source), printable(line.text))}});
  }
}

void HumanReporter::show(const run::Answer& answer) {
  if (result_ != nullptr) {
    printer_.clear_status();
    result_->write(printable(answer.line) + "\n");
  }
}

void HumanReporter::show(const run::RunFinished& finished) {
  has_ended_ = true;
  stage_.reset();
  beginning_.clear();
  printer_.clear_status();
  print_planned();
  print_all(findings_.take_rest());
  const auto said = findings_.has_said(finished.error.message) ? ErrorSaid::yes : ErrorSaid::no;
  const std::vector<Line> lines = closing_lines(finished, said);
  if (!finished.ok || verbosity_ != Verbosity::quiet) {
    print_all(lines);
  }
  if (!finished.ok || finished.dry_run || finished.url.empty()) {
    return;
  }
  if (result_ != nullptr) {
    result_->write(printable(finished.url) + "\n");
  } else {  // standard output is another's
    say(verb_line(Tone::good, "Served at", printable(finished.url)));
  }
}

// What was done tells more than the plan: it knows a transfer between targets from an upload.
Doing HumanReporter::done_or_planned() const {
  Doing done;
  for (const auto& [target, tally] : stage_->tallies) {
    done.sent += tally.sent;
    done.copied += tally.copied;
  }
  return done.total() > 0 ? done : stage_->doing;
}

Line HumanReporter::progress_line(std::size_t columns) const {
  if (!stage_) {
    return verb_line(Tone::good, "Reading", printable(beginning_));
  }
  const std::string_view doing = kind_ == RunKind::dry ? "" : verb_doing(done_or_planned());
  const double seconds = seconds_since(stage_->since);
  // A stage that has planned nothing checks, builds or compares: its own name says it best.
  std::string prefix = doing.empty() ? printable(stage_->id) + "  " : "";
  const run::Progress progress = stage_->progress.value_or(run::Progress{});
  constexpr std::size_t k_head = 14;  // the verb, its space, and the column that stays free
  const std::size_t used = k_head + display_columns(prefix);
  return verb_line(
      Tone::good,
      doing.empty() ? "Running" : std::string(doing),
      prefix + (columns > 0 ? bar_text(progress, seconds, columns > used ? columns - used : 0)
                            : heartbeat_text(progress, seconds)));
}

void HumanReporter::show_progress() {
  if (verbosity_ == Verbosity::quiet) {
    return;
  }
  const auto now = now_();
  if (!printer_.moving()) {
    if (now - quiet_since_ >= k_heartbeat) {
      say(progress_line(0));
    }
  } else if (now - (stage_ ? stage_->since : quiet_since_) >= k_before_first_bar &&
             now - drawn_ >= k_between_bars) {
    printer_.show_status(progress_line(printer_.columns()));
    drawn_ = now;
  }
}

}  // namespace deployflow::cli
