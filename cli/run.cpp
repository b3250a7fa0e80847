#include "cli/run.hpp"

#include "cli/app.hpp"
#include "cli/deploy.hpp"
#include "cli/doctor_command.hpp"
#include "cli/help.hpp"
#include "cli/presign_command.hpp"
#include "cli/sign_command.hpp"
#include "cli/stages_command.hpp"
#include "cli/watch/watch.hpp"
#include "plugins/host/base/file.hpp"

#include <errno.h>
#include <signal.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <exception>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace deployflow::cli {
namespace {

namespace fs = std::filesystem;

ExitCode print(const std::string& text, Surroundings& around) {
  around.out.write(text);
  return ExitCode::done;
}

ExitCode help_topic(const CommandLine& line, Surroundings& around) {
  if (line.words.empty()) {
    return print(help_text(Command::none, HelpDepth::full), around);
  }
  const auto text = topic_text(line.words.front());
  return text ? print(*text, around) : refuse({text.error(), {}, {}}, line, around);
}

ExitCode no_command(const CommandLine& line, Surroundings& around) {
  return refuse(
      {{Errc::usage, "no command is given", "`deployflow -h` lists the commands"}, {}, {}},
      line,
      around);
}

ExitCode dispatch(const CommandLine& line, Surroundings& around) {
  if (line.help != HelpDepth::none) {
    return print(help_text(line.command, line.help), around);
  }
  if (line.version) {
    return print("deployflow " DEPLOYFLOW_VERSION "\n", around);
  }
  switch (line.command) {
    case Command::validate:
      return line.watch ? watch(line, around) : deploy(line, around);
    case Command::push:
    case Command::run:
    case Command::plan:
    case Command::explain:
    case Command::releases:
    case Command::rollback:
    case Command::diff:
    case Command::prune:
    case Command::unlock:
    case Command::apply:
    case Command::previews:
    case Command::rules:
      return deploy(line, around);
    case Command::stages:
      return list_stages(line, around);
    case Command::doctor:
      return doctor(line, around);
    case Command::presign:
      return presign(line, around);
    case Command::sign:
      return sign_lines(around);
    case Command::help:
      return help_topic(line, around);
    case Command::none:
      return no_command(line, around);
  }
  return ExitCode::failed;
}

bool deploys(Command command) {
  return command == Command::push || command == Command::run || command == Command::validate ||
         command == Command::rollback || command == Command::apply;
}

// What was to be printed and could not be. A deployment that is done stays done; for the other
// commands the text is all there is, except that a reader who left early, as `head` does, has seen
// enough.
ExitCode close_output(ExitCode code, Command command, Surroundings& around) {
  const int failure = around.out.failure();
  if (failure == 0 || (failure == EPIPE && !deploys(command))) {
    return code;
  }
  around.err.write(fmt::format("{}: cannot write to standard output: {}\n",
                               deploys(command) ? "warning" : "error",
                               errno_text(failure)));
  return deploys(command) || code != ExitCode::done ? code : ExitCode::failed;
}

ExitCode run_words(const std::vector<std::string>& words, Surroundings& around) {
  const auto line = parse_command_line(words);
  if (!line) {
    CommandLine wrong;
    wrong.json = asks_for_json(words);
    return refuse({line.error(), {}, {}}, wrong, around);
  }
  return close_output(dispatch(*line, around), line->command, around);
}

}  // namespace

int run(int argc, char** argv) noexcept {
  occupy_standard_descriptors();
  FdOutput out(STDOUT_FILENO);
  FdOutput err(STDERR_FILENO);
  try {
    ::signal(SIGPIPE, SIG_IGN);
    std::error_code error;
    const fs::path folder = fs::current_path(error);
    if (error) {
      err.write(fmt::format("error: the working folder cannot be found: {}\n", error.message()));
      return static_cast<int>(ExitCode::usage);
    }
    Surroundings around{process_environment(),
                        folder.string(),
                        fs::read_symlink("/proc/self/exe", error).string(),
                        out,
                        err};
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    return static_cast<int>(run_words(words, around));
  } catch (const std::exception& failure) {
    err.write(fmt::format("error: a bug in deployflow, or no memory: {}\n", failure.what()));
  }
  return static_cast<int>(ExitCode::failed);
}

}  // namespace deployflow::cli
