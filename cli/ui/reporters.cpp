#include "cli/ui/reporters.hpp"

#include "cli/report/github.hpp"
#include "cli/report/reports.hpp"
#include "cli/ui/human_reporter.hpp"
#include "cli/ui/json_reporter.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

namespace deployflow::cli {
namespace {

/// A view of an output that outlives it.
class Through : public Output {
 public:
  explicit Through(Output& output) : output_(output) {}
  void write(std::string_view text) override { output_.write(text); }

 private:
  Output& output_;
};

std::unique_ptr<Reporter> make_human(const CommandLine& line, Surroundings& around, Output& err) {
  const Verbosity verbosity = line.quiet         ? Verbosity::quiet
                              : line.verbose > 0 ? Verbosity::detailed
                                                 : Verbosity::normal;
  const FormatChoice* shown = shown_format(line.formats);
  const bool document = line.json || (shown != nullptr && is_document(shown->format));
  const bool told = shown == nullptr || shown->format == Format::text;
  const Manner manner{verbosity,
                      is_dry(line) ? RunKind::dry : RunKind::real,
                      told ? Findings::told : Findings::left_out};
  LinePrinter printer(err, describe_terminal(STDERR_FILENO, line.color, around.environment), [] {
    return terminal_columns(STDERR_FILENO);
  });
  return std::make_unique<HumanReporter>(
      printer, document ? nullptr : &around.out, manner, std::chrono::steady_clock::now);
}

}  // namespace

void Reporters::add(std::unique_ptr<Reporter> reporter) {
  all_.push_back(reporter.get());
  owned_.push_back(std::move(reporter));
}

void Reporters::on_event(const run::Event& event) {
  for (Reporter* one : all_) {
    one->on_event(event);
  }
}

void Reporters::begin(const std::string& what, SiteKind kind) {
  for (Reporter* one : all_) {
    one->begin(what, kind);
  }
}

void Reporters::note(const std::string& text) {
  for (Reporter* one : all_) {
    one->note(text);
  }
}

void Reporters::refuse(const Refusal& refusal) {
  for (Reporter* one : all_) {
    one->refuse(refusal);
  }
}

void Reporters::tick() {
  for (Reporter* one : all_) {
    one->tick();
  }
}

bool is_dry(const CommandLine& line) {
  return line.dry_run || line.command == Command::plan;
}

std::unique_ptr<Output> make_error_output(Surroundings& around) {
  if (is_on_github(around.environment)) {
    return std::make_unique<CommandFree>(around.err);
  }
  return std::make_unique<Through>(around.err);
}

std::unique_ptr<Reporters> make_reporters(const CommandLine& line,
                                          Surroundings& around,
                                          Output& err) {
  auto reporters = std::make_unique<Reporters>();
  if (!line.json || line.verbose > 0) {
    reporters->add(make_human(line, around, err));
  }
  if (line.json) {
    reporters->add(std::make_unique<JsonReporter>(around.out));
  }
  return reporters;
}

}  // namespace deployflow::cli
