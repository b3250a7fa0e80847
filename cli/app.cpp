// CLI11 only takes the words apart. It sees one flat list of options and no subcommands, because a
// folder may be called `run` and because its own messages and exit numbers (100 to 127) must not
// reach anyone; what belongs to which command is checked here, from the table.

#include "cli/app.hpp"

#include "cli/options.hpp"
#include "plugins/host/base/text.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <vector>

namespace deployflow::cli {
namespace {

using Given = std::map<const Option*, std::vector<std::string>>;  // a switch: "" for each time

bool is_option(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

std::string_view before_equals(std::string_view word) {
  return word.substr(0, word.find('='));
}

std::string help_of(Command command) {
  const CommandRow& row = row_of(command);
  return fmt::format("`deployflow {}{}-h` lists all options", row.name, *row.name != 0 ? " " : "");
}

bool names_a_credential(std::string_view option) {
  static constexpr std::array<std::string_view, 5> k_words{
      "secret", "access-key", "token", "password", "credential"};
  return std::any_of(k_words.begin(), k_words.end(), [&](std::string_view word) {
    return option.find(word) != std::string_view::npos;
  });
}

Error unknown_option(std::string_view word, Command command) {
  const std::string name(word.substr(0, 2) == "--" ? before_equals(word) : word.substr(0, 2));
  if (names_a_credential(name)) {
    return {
        Errc::usage,
        fmt::format("{}: credentials are never options; others could read them", printable(name)),
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or name a profile "
        "of ~/.aws/credentials with --profile"};
  }
  std::vector<std::string> names;
  for (const Option& option : options()) {
    if ((option.commands & command_bit(command)) != 0 && *option.name != 0) {
      names.push_back(option.spelled());
    }
  }
  const auto guess = name.size() > 2 ? nearest(name, names) : std::nullopt;
  return {Errc::usage,
          fmt::format("unknown option {}", printable(name)),
          guess ? fmt::format("did you mean {}? {}", *guess, help_of(command)) : help_of(command)};
}

Error unknown_command(const std::string& word) {
  std::vector<std::string> names;
  std::string all;
  for (const CommandRow& row : commands()) {
    if (!row.hidden && *row.name != 0) {
      names.emplace_back(row.name);
      all += (all.empty() ? "" : ", ") + names.back();
    }
  }
  const auto guess = nearest(word, names);
  return {Errc::usage,
          fmt::format("unknown command {}", printable(word)),
          guess ? fmt::format("did you mean `deployflow {}`?", *guess)
                : fmt::format("the commands are {}", all)};
}

Error needs_value(const Option& option) {
  return {Errc::usage,
          fmt::format(
              "option {} needs a value: {} {}", option.spelled(), option.spelled(), option.value)};
}

// All that is left for CLI11 to find is an option at the end without its value; it names it first.
Error parse_failure(const CLI::ParseError& failure) {
  const std::string_view text = failure.what();
  const Option* option = find_option(text.substr(0, text.find_first_of(": ")));
  return option != nullptr && option->value != nullptr
             ? needs_value(*option)
             : Error{Errc::usage, "the command line cannot be understood", help_of(Command::none)};
}

void register_option(CLI::App& app, const Option& option, Given& given) {
  std::string names = *option.name != 0 ? fmt::format("--{}", option.name) : "";
  if (option.short_name != 0) {
    names += fmt::format("{}-{}", names.empty() ? "" : ",", option.short_name);
  }
  if (option.value == nullptr) {
    app.add_flag_function(
           names,
           [&given, &option](std::int64_t count) {
             given[&option].resize(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
           })
        ->disable_flag_override();
    return;
  }
  app.add_option(names,
                 [&given, &option](const CLI::results_t& values) {
                   given[&option] = values;
                   return true;
                 })
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Error takes_no_value(const Option& option) {
  return {Errc::usage, fmt::format("option {} takes no value", option.spelled())};
}

// "--to=" would make CLI11 take the next word, and what it says of "--json=yes" differs by version.
Result<void> check_spelling(std::span<const std::string> arguments) {
  for (const std::string& word : arguments) {
    const std::size_t equals = word.find('=');
    const Option* option =
        is_option(word) && equals != std::string::npos ? find_option(before_equals(word)) : nullptr;
    if (option != nullptr && option->value == nullptr) {
      return takes_no_value(*option);
    }
    if (option != nullptr && equals + 1 == word.size()) {
      return needs_value(*option);
    }
  }
  return {};
}

// It never ends, and says something many times over.
Result<void> check_watch(const CommandLine& line) {
  const FormatChoice* shown = shown_format(line.formats);
  const bool documents = line.json || (shown != nullptr && is_document(shown->format));
  if (line.watch && documents) {
    return Error{Errc::usage,
                 fmt::format("--watch and {} exclude each other",
                             line.json ? "--json" : "a document on standard output"),
                 "--format NAME=FILE writes the file anew each time"};
  }
  if (line.watch && line.update_baseline) {
    return Error{Errc::usage, "--watch and --update-baseline exclude each other"};
  }
  if (line.watch && !line.words.empty() && line.words.front() == "-") {
    return Error{Errc::usage, "--watch: standard input is read once"};
  }
  return {};
}

Result<void> apply_all(const Given& given, CommandLine& line) {
  for (const auto& [option, values] : given) {
    if ((option->commands & command_bit(line.command)) == 0) {
      return Error{
          Errc::usage,
          line.command == Command::none
              ? fmt::format("option {} needs a command", option->spelled())
              : fmt::format(
                    "`{}` takes no option {}", row_of(line.command).name, option->spelled()),
          help_of(line.command)};
    }
    if (option->value != nullptr && option->repeat == Repeat::once && values.size() > 1) {
      return Error{Errc::usage,
                   fmt::format("option {} is given {} times", option->spelled(), values.size())};
    }
    for (const std::string& value : values) {
      if (option->value != nullptr && (value.empty() || is_option(value))) {
        return needs_value(*option);
      }
      TRY(option->apply(line, value));
    }
  }
  if (line.quiet && line.verbose > 0) {
    return Error{Errc::usage, "--quiet and --verbose exclude each other"};
  }
  TRY(check_formats(line.formats, line.json ? JsonLines::yes : JsonLines::no));
  return check_watch(line);
}

// The command, then its words. Unknown options first: the word after one may be its value.
Result<void> place_words(const std::vector<std::string>& rest,
                         std::span<const std::string> after_mark,
                         CommandLine& line) {
  std::vector<std::string> words;
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(words), [](const auto& word) {
    return !is_option(word);
  });
  words.insert(words.end(), after_mark.begin(), after_mark.end());
  const auto command = std::find_if(commands().begin(), commands().end(), [&](const auto& row) {
    return !words.empty() && *row.name != 0 && words.front() == row.name;
  });
  if (command != commands().end()) {
    line.command = command->command;
  }
  const auto unknown = std::find_if(rest.begin(), rest.end(), is_option);
  if (unknown != rest.end()) {
    return unknown_option(*unknown, line.command);
  }
  if (words.empty()) {
    return {};
  }
  if (line.command == Command::none) {
    return unknown_command(words.front());
  }
  line.words.assign(words.begin() + 1, words.end());
  return {};
}

Result<void> check_words(const CommandLine& line) {
  const CommandRow& row = row_of(line.command);
  if (line.words.size() > row.max_words) {
    return Error{Errc::usage,
                 fmt::format("unexpected argument {}", printable(line.words[row.max_words])),
                 fmt::format("usage: deployflow {} {}", row.name, row.arguments)};
  }
  return {};
}

}  // namespace

Result<CommandLine> parse_command_line(std::span<const std::string> arguments) {
  const auto mark = std::find(arguments.begin(), arguments.end(), "--");
  const auto before = arguments.first(static_cast<std::size_t>(mark - arguments.begin()));
  const auto after = mark == arguments.end() ? std::span<const std::string>{}
                                             : arguments.subspan(before.size() + 1);
  TRY(check_spelling(before));
  Given given;
  CommandLine line;
  std::vector<std::string> rest;
  try {
    CLI::App app;
    app.set_help_flag("");
    app.allow_extras();
    for (const Option& option : options()) {
      register_option(app, option, given);
    }
    app.parse(
        std::vector<std::string>(before.rbegin(), before.rend()));  // CLI11 wants the last first
    rest = app.remaining();
  } catch (const CLI::ParseError& failure) {
    return parse_failure(failure);
  } catch (const CLI::Error&) {
    return Error{Errc::internal, "the option table does not fit CLI11"};
  }
  TRY(place_words(rest, after, line));
  TRY(apply_all(given, line));
  if (line.help == HelpDepth::none) {
    TRY(check_words(line));
  }
  return line;
}

bool asks_for_json(std::span<const std::string> arguments) {
  const auto mark = std::find(arguments.begin(), arguments.end(), "--");
  return std::find(arguments.begin(), mark, "--json") != mark;
}

}  // namespace deployflow::cli
