#include "cli/report/reports.hpp"

#include "cli/options.hpp"
#include "cli/report/github.hpp"
#include "cli/report/report_file.hpp"
#include "cli/report/writers.hpp"

#include <filesystem>
#include <utility>

namespace deployflow::cli {
namespace {

// Few and large writes of a document to standard output.
class Gathered : public Output {
 public:
  explicit Gathered(Output& output) : output_(output) {}
  void write(std::string_view text) override {
    text_ += text;
    if (text_.size() >= (1U << 16U)) {
      flush();
    }
  }
  void flush() {
    output_.write(text_);
    text_.clear();
  }

 private:
  Output& output_;
  std::string text_;
};

bool takes_formats(Command command) {
  const Option* option = find_option("--format");
  return option != nullptr && (option->commands & command_bit(command)) != 0;
}

// Folded up in the log, where the findings stand already.
void annotate(const Report& report, Output& err) {
  if (report.errors + report.warnings == 0 && !report.failure) {
    return;
  }
  err.write("::group::Annotations\n");
  write_annotations(report, k_annotations_shown, err);
  err.write("::endgroup::\n");
}

}  // namespace

bool is_on_github(const Environment& environment) {
  return environment("GITHUB_ACTIONS") == "true";
}

Result<Reports> Reports::open(const CommandLine& line, const Surroundings& around) {
  Reports reports;
  for (const FormatChoice& choice : line.formats) {
    if (!choice.file.empty()) {
      TRY(check_writable(choice.file));
    }
    if (!choice.file.empty() || choice.format != Format::text) {  // that is said as it comes
      reports.choices_.push_back(choice);
    }
  }
  const FormatChoice* shown = shown_format(line.formats);
  if (is_on_github(around.environment) && takes_formats(line.command) && !line.json &&
      (shown == nullptr || shown->format == Format::github)) {
    reports.annotates_ = shown == nullptr;
    reports.summary_ = around.environment("GITHUB_STEP_SUMMARY").value_or("");
  }
  if (!reports.choices_.empty() || reports.annotates_ || !reports.summary_.empty()) {
    reports.collector_ = std::make_unique<Collector>(row_of(line.command).name,
                                                     Places(around.folder, around.environment));
  }
  return reports;
}

std::vector<Error> Reports::close(ExitCode code, Surroundings& around) {
  std::vector<Error> failures;
  if (!collector_) {
    return failures;
  }
  const Report report = collector_->take(code);
  Sources sources = collector_->sources();
  for (const FormatChoice& choice : choices_) {
    const Writer write = writer_of(choice.format);
    if (!choice.file.empty()) {
      auto written =
          write_report_file(choice.file, [&](Output& out) { write(report, sources, out); });
      if (!written) {
        failures.push_back(std::move(written.error()));
      }
    } else {
      Gathered out(is_document(choice.format) ? around.out : around.err);
      write(report, sources, out);
      out.flush();
    }
  }
  if (annotates_) {
    annotate(report, around.err);
  }
  if (!summary_.empty()) {
    if (auto written = append_to_file(summary_, job_summary(report)); !written) {
      failures.push_back(std::move(written.error()));
    }
  }
  return failures;
}

}  // namespace deployflow::cli
