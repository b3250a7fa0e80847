#include "cli/watch/watch.hpp"

#include "cli/deploy.hpp"
#include "cli/interrupt.hpp"
#include "cli/ui/line_printer.hpp"
#include "cli/ui/reporters.hpp"
#include "cli/watch/change_watch.hpp"
#include "cli/watch/news_only.hpp"
#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <utility>

namespace deployflow::cli {
namespace {

namespace fs = std::filesystem;

/// As a person in this folder names it, which is also how the site's files are named.
Watched watched_of(const Job& job, const CommandLine& line, const Surroundings& around) {
  Watched watched;
  watched.site = job.site.path;
  if (!job.pipeline.file.empty()) {
    watched.files.push_back(job.pipeline.file);
  }
  for (const FormatChoice& choice : line.formats) {
    if (!choice.file.empty()) {
      watched.ignored.push_back(choice.file);
      // Another spelling of the same, as it is found in the site.
      std::error_code error;
      const fs::path whole = (fs::path(around.folder) / choice.file).lexically_normal();
      const fs::path root = (fs::path(around.folder) / job.site.path).lexically_normal();
      watched.ignored.push_back(
          (fs::path(job.site.path) / whole.lexically_relative(root)).string());
    }
  }
  return watched;
}

std::string describe(const std::vector<std::string>& paths) {
  std::string text = printable(paths.front());
  return paths.size() == 1 ? text : fmt::format("{} and {} more", text, paths.size() - 1);
}

struct Round {
  ExitCode code = ExitCode::failed;
  bool began = false;
};

class Watch {
 public:
  Watch(const CommandLine& line, Surroundings& around)
      : line_(line), around_(around), err_(make_error_output(around)) {}

  ExitCode run() {
    const Interrupts interrupts([] {}, [] {});
    for (bool first = true;; first = false) {
      const Round round = check(interrupts.token());
      if (interrupts.token().stop_requested()) {
        return ExitCode::interrupted;
      }
      if (first && !round.began) {
        return round.code;
      }
      say("Watching",
          fmt::format(
              "{}; Ctrl-C ends it{}",
              printable(site_),
              changes_.is_polling() ? " (no inotify watch is left: looks once a second)" : ""));
      const std::vector<std::string> changed = changes_.wait(interrupts.token());
      if (changed.empty()) {
        return ExitCode::interrupted;
      }
      say("Changed", describe(changed));
    }
  }

 private:
  Round check(const StopToken& stop) {
    Round round;
    auto reports = Reports::open(line_, around_);
    if (!reports) {
      round.code = refuse({std::move(reports.error()), {}, {}}, line_, around_);
      return round;
    }
    const auto speakers = make_reporters(line_, around_, *err_);
    NewsOnly news(*speakers, std::move(known_));
    Reporters all;
    all.add(news);
    if (reports->listener() != nullptr) {
      all.add(*reports->listener());
    }
    Spool spool;
    round.code = deploy_once({line_, around_, all, spool, stop}, [&](const Job& job) {
      round.began = true;
      site_ = job.site.shown;
      changes_.arm(watched_of(job, line_, around_));
    });
    known_ = news.take();
    round.code = close_reports(round.code, line_, *reports, around_);
    return round;
  }

  void say(const std::string& verb, std::string text) {
    if (!line_.quiet) {
      LinePrinter printer(*err_,
                          describe_terminal(STDERR_FILENO, line_.color, around_.environment),
                          [] { return terminal_columns(STDERR_FILENO); });
      printer.print(verb_line(Tone::good, verb, std::move(text)));
    }
  }

  const CommandLine& line_;
  Surroundings& around_;
  std::unique_ptr<Output> err_;
  ChangeWatch changes_;
  Known known_;
  std::string site_;  // as the user named it
};

}  // namespace

ExitCode watch(const CommandLine& line, Surroundings& around) {
  return Watch(line, around).run();
}

}  // namespace deployflow::cli
