// The options, as a table: a row for each, and what sets it. The commands are in commands.cpp.

#include "cli/options.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace deployflow::cli {
namespace {

constexpr unsigned k_push = command_bit(Command::push);
constexpr unsigned k_run = command_bit(Command::run);
constexpr unsigned k_validate = command_bit(Command::validate);
constexpr unsigned k_stages = command_bit(Command::stages);
constexpr unsigned k_doctor = command_bit(Command::doctor);
constexpr unsigned k_presign = command_bit(Command::presign);
constexpr unsigned k_plan = command_bit(Command::plan);
constexpr unsigned k_apply = command_bit(Command::apply);
constexpr unsigned k_explain = command_bit(Command::explain);
constexpr unsigned k_rollback = command_bit(Command::rollback);
constexpr unsigned k_prune = command_bit(Command::prune);
constexpr unsigned k_previews = command_bit(Command::previews);
constexpr unsigned k_rules = command_bit(Command::rules);
constexpr unsigned k_releases = command_bit(Command::releases) | k_rollback | k_prune |
                                command_bit(Command::diff) | command_bit(Command::unlock) |
                                k_previews;
constexpr unsigned k_program = command_bit(Command::none);
constexpr unsigned k_runs = k_push | k_run | k_validate | k_plan | k_explain | k_apply;
constexpr unsigned k_gates =
    k_push | k_run | k_validate | k_plan | k_apply;  // what a CI job stops at
constexpr unsigned k_all = k_runs | k_releases | k_rules | k_stages | k_doctor | k_presign |
                           k_program | command_bit(Command::sign) | command_bit(Command::help);

Result<void> set_color(CommandLine& line, const std::string& value) {
  if (value == "auto") {
    line.color = ColorChoice::automatic;
  } else if (value == "always") {
    line.color = ColorChoice::always;
  } else if (value == "never") {
    line.color = ColorChoice::never;
  } else {
    return Error{Errc::usage,
                 fmt::format("--color {}: unknown choice", value),
                 "it is auto, always or never"};
  }
  return {};
}

template <std::string CommandLine::*field>
Result<void> set_text(CommandLine& line, const std::string& value) {
  line.*field = value;
  return {};
}

template <bool CommandLine::*field>
Result<void> set_switch(CommandLine& line, const std::string& /*value*/) {
  line.*field = true;
  return {};
}

template <HelpDepth depth>
Result<void> set_help(CommandLine& line, const std::string& /*value*/) {
  line.help = depth;
  return {};
}

Result<void> add_plugin(CommandLine& line, const std::string& value) {
  line.plugins.push_back(value);
  return {};
}

Result<void> add_removal(CommandLine& line, const std::string& value) {
  line.remove.push_back(value);
  return {};
}

Result<void> add_verbose(CommandLine& line, const std::string& /*value*/) {
  line.verbose = std::min(line.verbose + 1, 3);
  return {};
}

Result<void> add_format(CommandLine& line, const std::string& value) {
  TRY_ASSIGN(FormatChoice choice, parse_format(value));
  line.formats.push_back(std::move(choice));
  return {};
}

Result<void> set_max_warnings(CommandLine& line, const std::string& value) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (error != std::errc() || end != value.data() + value.size()) {
    return Error{Errc::usage,
                 fmt::format("--max-warnings {}: not a number", printable(value)),
                 "0 allows none"};
  }
  line.max_warnings = count;
  return {};
}

constexpr std::array<Option, 31> k_options{{
    {.name = "name",
     .value = "KEY",
     .group = Group::site,
     .commands = k_push | k_validate | k_plan | k_explain,
     .summary = "key of the object, when the site is one file or -",
     .detail =
         "Relative, with '/' between its parts, no '..', UTF-8, at most 1,024 bytes. Standard "
         "input needs it; a file without it gets its own name.",
     .apply = set_text<&CommandLine::name>},
    {.name = "site",
     .value = "PATH",
     .group = Group::site,
     .commands = k_run,
     .summary = "deploy this instead of the file's site:",
     .detail = "A folder or a file, relative to the working folder.",
     .apply = set_text<&CommandLine::site>},
    {.name = "to",
     .value = "URL",
     .group = Group::target,
     .commands = k_push | k_plan | k_explain | k_releases | k_doctor | k_presign,
     .summary = "where to deploy: s3://bucket or s3://bucket/prefix",
     .detail =
         "Works without a pipeline file: `push` checks the site and uploads it there, `doctor` "
         "looks at it. A deployflow.yaml that is found is then left aside, and that is said.",
     .apply = set_text<&CommandLine::to>},
    {.name = "endpoint-url",
     .value = "URL",
     .group = Group::target,
     .commands = k_push | k_plan | k_explain | k_releases | k_doctor | k_presign,
     .summary = "the S3 endpoint of --to, e.g. http://127.0.0.1:9000",
     .detail = "Without it AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL count, else it is AWS.",
     .apply = set_text<&CommandLine::endpoint_url>},
    {.name = "region",
     .value = "NAME",
     .group = Group::target,
     .commands = k_push | k_plan | k_explain | k_releases | k_doctor | k_presign,
     .summary = "the region of --to, e.g. eu-central-1",
     .detail = "Without it AWS_REGION, AWS_DEFAULT_REGION and the profile count, else us-east-1.",
     .apply = set_text<&CommandLine::region>},
    {.name = "profile",
     .value = "NAME",
     .group = Group::target,
     .commands = k_push | k_plan | k_explain | k_releases | k_doctor | k_presign,
     .summary = "credentials for --to from ~/.aws/credentials",
     .detail = "Without it the environment is asked first (AWS_ACCESS_KEY_ID, "
               "AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), then the default profile. Keys are "
               "never given as options: other users of the machine could read them.",
     .apply = set_text<&CommandLine::profile>},
    {.name = "url",
     .value = "URL",
     .group = Group::target,
     .commands = k_push | k_plan | k_doctor | k_previews,
     .summary = "where visitors see the target of --to",
     .detail = "Printed on standard output when the site is there.",
     .apply = set_text<&CommandLine::url>},
    {.name = "target",
     .value = "NAME",
     .group = Group::target,
     .commands = k_releases,
     .summary = "this target of the pipeline file alone",
     .detail = "Without it all targets that the file's upload stages store the site in.",
     .apply = set_text<&CommandLine::target>},
    {.name = "preview",
     .value = "NAME",
     .group = Group::target,
     .commands = k_push | k_plan | (k_releases & ~k_previews),
     .summary = "the preview NAME, beside the live site, not the site",
     .detail = "A deployment of its own under previews/NAME/, with its own releases and lock. Its "
               "pages ask search engines to stay away; it is not replicated, and ends with "
               "--expires. NAME: a-z, 0-9 and -, at most 63.",
     .apply = set_text<&CommandLine::preview>},
    {.name = "expires",
     .value = "TIME",
     .group = Group::target,
     .commands = k_push | k_plan | k_presign,
     .summary = "how long the link [1h] or the preview [14d] is good",
     .detail = "A link: 1s to 168h; one that is signed with temporary credentials ends with them, "
               "if that is sooner. A preview: at least 1s, or never; each push to it begins anew.",
     .apply = set_text<&CommandLine::expires>},
    {.name = "config",
     .short_name = 'c',
     .value = "FILE",
     .group = Group::pipeline,
     .commands =
         k_push | k_plan | k_explain | k_releases | k_validate | k_stages | k_doctor | k_presign,
     .summary = "the pipeline file",
     .detail = "Without it deployflow.yaml is looked for in this folder and those above it; "
               "`stages` reads a file only when it is named here.",
     .apply = set_text<&CommandLine::config>},
    {.name = "plugin",
     .value = "FILE",
     .group = Group::pipeline,
     .commands = k_runs | k_releases | k_stages,
     .repeat = Repeat::many,
     .summary = "load stages from this shared object; can be repeated",
     .detail = "A plugin runs with all rights of the user who runs deployflow.",
     .apply = add_plugin},
    {.name = "remove",
     .value = "NAME",
     .group = Group::safety,
     .commands = k_previews,
     .repeat = Repeat::many,
     .summary = "remove this preview; can be repeated",
     .detail = "Pages first, and only what its releases stored: what others put there stays, and "
               "that is said.",
     .apply = add_removal},
    {.name = "remove-expired",
     .group = Group::safety,
     .commands = k_previews,
     .summary = "remove the previews that have expired",
     .detail = "Each push to a preview does the same for the others, after it is there.",
     .apply = set_switch<&CommandLine::remove_expired>},
    {.name = "dry-run",
     .short_name = 'n',
     .group = Group::safety,
     .commands = k_push | k_run | k_validate | k_rollback | k_prune | k_apply | k_previews,
     .summary = "show the plan, change nothing",
     .detail = "Everything is read and compared, nothing is written to any target. Standard output "
               "stays empty.",
     .apply = set_switch<&CommandLine::dry_run>},
    {.name = "max-warnings",
     .value = "N",
     .group = Group::safety,
     .commands = k_gates,
     .summary = "more warnings than N are a failure, exit code 3",
     .detail =
         "Counted before the first stage that writes, so nothing is uploaded then. Without it "
         "warnings are only told.",
     .apply = set_max_warnings},
    {.name = "watch",
     .group = Group::site,
     .commands = k_validate,
     .summary = "check again whenever a file changes, until Ctrl-C",
     .detail =
         "Looks at the site and at the pipeline file. After the first time only what is new is "
         "told, and how much is no longer there. Reports are written anew each time.",
     .apply = set_switch<&CommandLine::watch>},
    {.name = "baseline",
     .value = "FILE",
     .group = Group::site,
     .commands = k_validate,
     .summary = "leave out the known findings that FILE lists",
     .detail = "The same as the stage's option `baseline`, which `push` and `run` go by as well.",
     .apply = set_text<&CommandLine::baseline>},
    {.name = "update-baseline",
     .group = Group::site,
     .commands = k_validate,
     .summary = "make all that is found the known findings",
     .detail =
         "Writes the file of --baseline, or of the pipeline file's option, as a whole or not at "
         "all; commit it. The exit code does not depend on what is found.",
     .apply = set_switch<&CommandLine::update_baseline>},
    {.name = "wait",
     .value = "TIME",
     .group = Group::safety,
     .commands = k_push | k_rollback | k_apply | k_previews,
     .summary = "wait so long for another run's lock, e.g. 5m [0s]",
     .detail = "Without it a target that another run deploys to is an error at once, exit code 5.",
     .apply = set_text<&CommandLine::wait>},
    {.name = "exit-code",
     .group = Group::safety,
     .commands = k_plan,
     .summary = "exit 10 if there is something to do",
     .detail = "Without it the exit code is 0 whether there is or not.",
     .apply = set_switch<&CommandLine::exit_code>},
    {.name = "out",
     .value = "FILE",
     .group = Group::safety,
     .commands = k_plan,
     .summary = "keep the plan in a file, for `deployflow apply`",
     .detail =
         "JSON, one change a line, without any credential. It is replaced whole, and only by a "
         "plan that was made without an error.",
     .apply = set_text<&CommandLine::out>},
    {.name = "keep",
     .value = "N",
     .group = Group::safety,
     .commands = k_prune,
     .summary = "releases that stay, 1 to 100 [5]",
     .detail = "The live one is always among them.",
     .apply = set_text<&CommandLine::keep>},
    {.name = "format",
     .value = "NAME[=FILE]",
     .group = Group::output,
     .commands = k_gates,
     .repeat = Repeat::many,
     .summary = "tell findings as html, sarif, ...; can be repeated",
     .detail = "text, json, sarif, junit, github, gitlab, checkstyle or html. With =FILE it is "
               "written into "
               "that file, as a whole, when the run is over, also when it failed or found nothing. "
               "Without "
               "=FILE, once at most, it is shown instead of text: github on standard error, all "
               "others as "
               "one document on standard output, where the URL is left out then. On GitHub Actions "
               "annotations and a job summary are made without being asked for, unless --json or "
               "--format text is given.",
     .apply = add_format},
    {.name = "json",
     .group = Group::output,
     .commands = k_all,
     .summary = "one JSON object per line on standard output",
     .detail = "The last line is always the result, also after an error. Standard error stays "
               "empty unless -v is given.",
     .apply = set_switch<&CommandLine::json>},
    {.name = "quiet",
     .short_name = 'q',
     .group = Group::output,
     .commands = k_all,
     .summary = "say only what went wrong",
     .detail = "Standard output is the same.",
     .apply = set_switch<&CommandLine::quiet>},
    {.name = "verbose",
     .short_name = 'v',
     .group = Group::output,
     .commands = k_all,
     .repeat = Repeat::many,
     .summary = "say more; -vv and -vvv say still more",
     .detail =
         "-v names every file and shows every finding, -vv adds what stages and host do, -vvv "
         "each request. Secrets are in none of them.",
     .apply = add_verbose},
    {.name = "color",
     .value = "WHEN",
     .group = Group::output,
     .commands = k_all,
     .summary = "auto, always, never [auto]",
     .detail = "auto: NO_COLOR turns it off, CLICOLOR_FORCE on, else a terminal decides.",
     .apply = set_color},
    {.name = "",
     .short_name = 'h',
     .group = Group::about,
     .commands = k_all,
     .summary = "list the options, one line each",
     .apply = set_help<HelpDepth::brief>},
    {.name = "help",
     .group = Group::about,
     .commands = k_all,
     .summary = "explain every option",
     .apply = set_help<HelpDepth::full>},
    {.name = "version",
     .short_name = 'V',
     .group = Group::about,
     .commands = k_program,
     .summary = "print the version",
     .apply = set_switch<&CommandLine::version>},
}};

}  // namespace

std::string Option::spelled() const {
  return *name != 0 ? fmt::format("--{}", name) : fmt::format("-{}", short_name);
}

std::span<const Option> options() {
  return k_options;
}

const Option* find_option(std::string_view spelled) {
  for (const Option& option : options()) {
    if (spelled == option.spelled() ||
        (option.short_name != 0 && spelled == fmt::format("-{}", option.short_name))) {
      return &option;
    }
  }
  return nullptr;
}

std::string_view heading(Group group) {
  switch (group) {
    case Group::site:
      return "Site";
    case Group::target:
      return "Target";
    case Group::pipeline:
      return "Pipeline";
    case Group::safety:
      return "Safety";
    case Group::output:
      return "Output";
    case Group::about:
      return "About";
  }
  return "";
}

}  // namespace deployflow::cli
