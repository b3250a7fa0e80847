#include "cli/doctor_command.hpp"

#include "cli/deploy.hpp"
#include "cli/help.hpp"
#include "cli/interrupt.hpp"
#include "cli/job.hpp"
#include "cli/target_choice.hpp"
#include "cli/ui/finding_list.hpp"
#include "cli/ui/json_text.hpp"
#include "cli/ui/line_printer.hpp"
#include "cli/ui/words.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/base/time.hpp"
#include "plugins/host/run/run_id.hpp"
#include "plugins/host/store/probe/doctor.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace deployflow::cli {
namespace {

using Json = nlohmann::ordered_json;
using store::ProbeRow;
using store::Verdict;

constexpr std::size_t k_text_column = 23;  // of the table

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return Tone::good;
    case Verdict::limited:
      return Tone::caution;
    case Verdict::no:
      return Tone::bad;
    case Verdict::info:
    case Verdict::skipped:
      break;
  }
  return Tone::plain;
}

Json error_json(const Error& error) {
  Json json{{"code", name_of(error.code)}, {"message", error.message}};
  if (!error.hint.empty()) {
    json["hint"] = error.hint;
  }
  return json;
}

/// What was found at one target.
struct Examined {
  const store::TargetConfig* target;
  std::size_t limited = 0;
  std::optional<Error> error;  // why a deployment would fail
};

/// The table, or its lines of JSON, as it comes.
class Findings {
 public:
  Findings(const CommandLine& line, Surroundings& around)
      : json_(line.json),
        out_(around.out),
        table_(around.out,
               describe_terminal(STDOUT_FILENO, line.color, around.environment),
               [] { return terminal_columns(STDOUT_FILENO); }),
        people_(around.err, describe_terminal(STDERR_FILENO, line.color, around.environment), [] {
          return terminal_columns(STDERR_FILENO);
        }) {}

  void begin(const store::TargetConfig& target) {
    if (!json_) {
      table_.print({Tone::plain,
                    (all_.empty() ? "" : "\n") + printable(target.name),
                    printable(target.display())});
    }
    all_.push_back({&target, 0, {}});
  }

  void add(const ProbeRow& row) {
    Examined& examined = all_.back();
    examined.limited += row.verdict == Verdict::limited ? 1 : 0;
    if (row.error && !examined.error) {
      examined.error = row.error;
    }
    json_ ? add_json(row) : add_text(row);
  }

  ExitCode finish(bool interrupted) {
    const Error stopped{Errc::cancelled, "interrupted", {}};
    const auto failed = std::find_if(
        all_.begin(), all_.end(), [](const auto& one) { return one.error.has_value(); });
    const Error* error = interrupted ? &stopped : failed != all_.end() ? &*failed->error : nullptr;
    ExitCode code = error == nullptr ? ExitCode::done : exit_code(error->code);
    if (code == ExitCode::conflict || code == ExitCode::checks) {
      code = ExitCode::failed;
    }
    json_ ? finish_json(code, error) : finish_text(interrupted);
    return code;
  }

 private:
  void add_text(const ProbeRow& row) {
    table_.print({tone_of(row.verdict),
                  fmt::format("  {:<11} {:<8}", row.name, store::name_of(row.verdict)),
                  printable(row.detail)});
    if (!row.meaning.empty()) {
      out_.write(wrap(printable(row.meaning), k_text_column));
    }
  }

  void add_json(const ProbeRow& row) {
    Json json{{"type", "probe"},
              {"target", all_.back().target->name},
              {"probe", row.name},
              {"verdict", store::name_of(row.verdict)}};
    if (!row.detail.empty()) {
      json["detail"] = row.detail;
    }
    if (!row.meaning.empty()) {
      json["meaning"] = row.meaning;
    }
    if (row.error) {
      json["error"] = error_json(*row.error);
    }
    out_.write(to_text(json) + "\n");
  }

  void finish_json(ExitCode code, const Error* error) {
    Json targets = Json::array();
    for (const Examined& one : all_) {
      targets.push_back({{"name", one.target->name},
                         {"location", one.target->display()},
                         {"ok", !one.error.has_value()},
                         {"limited", one.limited}});
    }
    Json result{{"type", "result"},
                {"schema", 1},
                {"ok", error == nullptr},
                {"exit_code", static_cast<int>(code)},
                {"targets", std::move(targets)}};
    if (error != nullptr) {
      result["error"] = error_json(*error);
    }
    out_.write(to_text(result) + "\n");
  }

  void finish_text(bool interrupted) {
    if (interrupted) {
      return;
    }
    for (const Examined& one : all_) {
      if (!one.error) {
        continue;
      }
      Error told = *one.error;
      told.message =
          fmt::format("a deployment to {} would fail: {}", one.target->name, told.message);
      for (const Line& line : error_lines(told)) {
        people_.print(line);
      }
    }
  }

  bool json_;
  FdOutput& out_;
  LinePrinter table_;
  LinePrinter people_;
  std::vector<Examined> all_;
};

/// Lines for people on standard error, from any thread.
class Voice {
 public:
  Voice(const CommandLine& line, Surroundings& around)
      : silent_(line.json || line.quiet), err_(around.err) {}

  void say(const std::string& text) {
    if (!silent_) {
      write(text);
    }
  }
  void write(std::string_view text) {
    const std::lock_guard lock(mutex_);
    err_.write(printable(text) + "\n");
  }

 private:
  bool silent_;
  std::mutex mutex_;  // guards err_
  FdOutput& err_;
};

}  // namespace

ExitCode doctor(const CommandLine& line, Surroundings& around) {
  std::vector<std::string> notes;
  const auto pipeline = find_pipeline(line, around, notes);
  if (!pipeline) {
    return refuse(pipeline.error(), line, around);
  }
  const auto targets =
      choose_targets(line, *pipeline, line.words.empty() ? std::string() : line.words.front());
  if (!targets) {
    return refuse(targets.error(), line, around);
  }
  Voice voice(line, around);
  for (const std::string& note : notes) {
    voice.say("note: " + note);
  }
  const Interrupts interrupts(
      [&] { voice.say("interrupted: removing what was written; once more stops at once"); }, [] {});
  store::DoctorOptions options{run::make_run_id(system_clock()), interrupts.token(), {}};
  if (line.verbose >= 3) {
    options.trace = [&](std::string_view text) { voice.write(text); };
  }
  Findings findings(line, around);
  for (const store::TargetConfig& target : *targets) {
    if (interrupts.token().stop_requested()) {
      break;
    }
    findings.begin(target);
    store::examine(
        target, around.environment, options, [&](const ProbeRow& row) { findings.add(row); });
  }
  return findings.finish(interrupts.token().stop_requested());
}

}  // namespace deployflow::cli
