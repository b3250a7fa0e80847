#include "cli/help.hpp"

#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace deployflow::cli {
namespace {

constexpr std::size_t k_name_columns = 26;  // where summaries start
constexpr std::array<Group, 6> k_groups{
    Group::site, Group::target, Group::pipeline, Group::safety, Group::output, Group::about};

// "  -n, --dry-run", "      --to URL"
std::string name_column(const Option& option) {
  std::string text = option.short_name != 0
                         ? fmt::format("  -{}{}", option.short_name, *option.name != 0 ? "," : "")
                         : "     ";
  if (*option.name != 0) {
    text += fmt::format(" --{}", option.name);
  }
  return option.value != nullptr ? text + " " + option.value : text;
}

std::string option_text(const Option& option, HelpDepth depth) {
  const std::string name = name_column(option);
  if (depth == HelpDepth::brief) {
    return fmt::format(
        "{:<{}}{}\n", name, std::max(k_name_columns, name.size() + 2), option.summary);
  }
  std::string text = name + "\n" + wrap(option.summary, 10);
  return *option.detail != 0 ? text + wrap(option.detail, 10) : text;
}

std::string options_text(Command command, HelpDepth depth) {
  std::string text;
  for (const Group group : k_groups) {
    std::string rows;
    for (const Option& option : options()) {
      const bool shown = (option.commands & command_bit(command)) != 0 && option.group == group;
      // -h is for choosing; that -h exists is known by then.
      if (shown &&
          (depth == HelpDepth::full || group != Group::about || command == Command::none)) {
        rows += option_text(option, depth);
      }
    }
    if (!rows.empty()) {
      text += fmt::format("{}:\n{}", heading(group), rows);
    }
  }
  return text;
}

std::string examples_text(const CommandRow& row) {
  std::size_t width = 0;
  for (const Example& example : row.examples) {
    width = std::max(width, std::string_view(example.line).size());
  }
  std::string text;
  for (const Example& example : row.examples) {
    text += fmt::format("  {:<{}}   {}\n", example.line, width, example.comment);
  }
  return text.empty() ? text : text + "\n";
}

std::string command_list() {
  std::string text = "Commands:\n";
  for (const CommandRow& row : commands()) {
    if (!row.hidden && *row.name != 0) {
      std::string_view summary = row.summary;
      summary.remove_suffix(1);  // a list has no full stops
      text += fmt::format(
          "  {:<10}{}{}\n", row.name, static_cast<char>(summary.front() | 0x20), summary.substr(1));
    }
  }
  return text;
}

std::string exit_codes_text() {
  std::string text = "Exit codes:\n";
  for (const ExitCodeRow& row : exit_codes()) {
    text += fmt::format("  {:>3}  {}\n", static_cast<int>(row.code), row.meaning);
  }
  return text + "\nCodes are added, never reused: treat one that you do not know as a failure.\n";
}

struct Variable {
  const char* name;
  const char* meaning;
};

std::string environment_text() {
  static constexpr std::array<Variable, 18> k_variables{{
      {"AWS_ACCESS_KEY_ID", "credentials: the key's name"},
      {"AWS_SECRET_ACCESS_KEY", "credentials: the key"},
      {"AWS_SESSION_TOKEN", "credentials: the token of a temporary key"},
      {"AWS_PROFILE", "the profile of ~/.aws that counts when none is named"},
      {"AWS_SHARED_CREDENTIALS_FILE", "instead of ~/.aws/credentials"},
      {"AWS_CONFIG_FILE", "instead of ~/.aws/config"},
      {"AWS_REGION", "the region when a target names none"},
      {"AWS_ENDPOINT_URL_S3", "the endpoint when a target names none"},
      {"AWS_ENDPOINT_URL", "the same, after AWS_ENDPOINT_URL_S3"},
      {"DEPLOYFLOW_CACHE_DIR", "digests of files [$XDG_CACHE_HOME/deployflow]"},
      {"DEPLOYFLOW_PLUGIN_PATH", "folders with plugins, absolute, ':' between them"},
      {"GITHUB_ACTIONS", "true: findings are annotations as well"},
      {"GITHUB_STEP_SUMMARY", "the file that a job's summary is appended to"},
      {"GITHUB_WORKSPACE", "the repository; reports name files from there"},
      {"CI_PROJECT_DIR", "the same on GitLab"},
      {"NO_COLOR", "no colour, unless --color says otherwise"},
      {"CLICOLOR_FORCE", "colour also when this is no terminal"},
      {"TMPDIR", "where standard input is kept while it is deployed [/tmp]"},
  }};
  std::string text = "Environment:\n";
  for (const Variable& variable : k_variables) {
    text += fmt::format("  {:<28}{}\n", variable.name, variable.meaning);
  }
  return text + "\n${NAME} and ${NAME:-default} in a pipeline file stand for any variable.\n";
}

using Topic = std::pair<const char*, std::string (*)()>;
constexpr std::array<Topic, 2> k_topics{
    {{"exit-codes", exit_codes_text}, {"environment", environment_text}}};

}  // namespace

std::string wrap(std::string_view text, std::size_t indent, std::size_t columns) {
  std::string out;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) {
      out += std::string(indent, ' ') + line + "\n";
      line.clear();
    }
  };
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!line.empty() && indent + line.size() + 1 + word.size() > columns) {
      flush();
    }
    line += line.empty() ? "" : " ";
    line += word;
  }
  flush();
  return out;
}

std::string help_text(Command command, HelpDepth depth) {
  const CommandRow& row = row_of(command);
  const char* space = *row.name != 0 ? " " : "";
  std::string text = fmt::format("{}\n\nUsage: deployflow{}{}{}{}\n\n",
                                 row.summary,
                                 space,
                                 row.name,
                                 *row.arguments != 0 ? " " : "",
                                 row.arguments);
  text += examples_text(row);
  if (depth == HelpDepth::full && *row.detail != 0) {
    text += wrap(row.detail, 0) + "\n";
  }
  if (command == Command::none) {
    text += command_list() + "\n";
  }
  text += options_text(command, depth);
  if (command == Command::none) {
    return text +
           "\n`deployflow <command> -h` lists a command's options.\n"
           "Exit codes: deployflow help exit-codes\n";
  }
  return depth == HelpDepth::brief
             ? text + "\n--help explains every option. Exit codes: deployflow help exit-codes\n"
             : text + "\nExit codes: deployflow help exit-codes\n";
}

Result<std::string> topic_text(const std::string& topic) {
  std::vector<std::string> names;
  for (const auto& [name, print] : k_topics) {
    if (topic == name) {
      return print();
    }
    names.emplace_back(name);
  }
  for (const CommandRow& row : commands()) {
    if (*row.name != 0 && topic == row.name) {
      return help_text(row.command, HelpDepth::full);
    }
    if (*row.name != 0 && !row.hidden) {
      names.emplace_back(row.name);
    }
  }
  const auto guess = nearest(topic, names);
  std::string all;
  for (const std::string& name : names) {
    all += (all.empty() ? "" : ", ") + name;
  }
  return Error{
      Errc::usage,
      fmt::format("no help on {}", printable(topic)),
      guess ? fmt::format("did you mean {}?", *guess) : fmt::format("there is help on {}", all)};
}

}  // namespace deployflow::cli
