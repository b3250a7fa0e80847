#include "cli/stages_command.hpp"

#include "cli/deploy.hpp"
#include "cli/help.hpp"
#include "cli/job.hpp"
#include "cli/option_schema.hpp"
#include "cli/ui/finding_list.hpp"
#include "cli/ui/json_text.hpp"
#include "cli/ui/line_printer.hpp"
#include "cli/ui/words.hpp"
#include "plugins/host/base/text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace deployflow::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string option_text(const StageOption& option) {
  std::string head = fmt::format("    {}: {}", printable(option.name), printable(option.type));
  if (option.required) {
    head += ", required";
  } else if (!option.fallback.empty() && option.fallback != "[]") {
    head += fmt::format(" [{}]", printable(option.fallback));
  }
  return head + "\n" + wrap(printable(option.description), 8);
}

std::string stage_text(const load::StageType& type) {
  std::string text = fmt::format("{} {}\n", printable(type.name()), printable(type.table->version));
  text += wrap(printable(type.table->summary), 2);
  text += fmt::format("  from {} ({})\n", printable(type.file), printable(type.origin));
  for (const StageOption& option : read_options(type.table->options_schema)) {
    text += option_text(option);
  }
  return text;
}

Json stage_json(const load::StageType& type) {
  Json options = Json::array();
  for (const StageOption& option : read_options(type.table->options_schema)) {
    options.push_back(to_json(option));
  }
  return {{"type", "stage-type"},
          {"name", type.name()},
          {"version", type.table->version},
          {"summary", type.table->summary},
          {"file", type.file},
          {"origin", type.origin},
          {"options", std::move(options)}};
}

Json error_json(const Error& error) {
  Json json{{"code", name_of(error.code)}, {"message", error.message}};
  if (!error.hint.empty()) {
    json["hint"] = error.hint;
  }
  return json;
}

ExitCode print_json(const load::Registry& registry,
                    const std::vector<Error>& failures,
                    Surroundings& around) {
  for (const load::StageType* type : registry.types()) {
    around.out.write(to_text(stage_json(*type)) + "\n");
  }
  const ExitCode code = failures.empty() ? ExitCode::done : ExitCode::failed;
  Json result{{"type", "result"},
              {"schema", 1},
              {"ok", failures.empty()},
              {"exit_code", static_cast<int>(code)}};
  if (!failures.empty()) {
    result["error"] = error_json(failures.front());
    result["errors"] = Json::array();
    for (const Error& failure : failures) {
      result["errors"].push_back(error_json(failure));
    }
  }
  around.out.write(to_text(result) + "\n");
  return code;
}

ExitCode print_text(const load::Registry& registry,
                    const std::vector<Error>& failures,
                    const CommandLine& line,
                    Surroundings& around) {
  const char* between = "";
  for (const load::StageType* type : registry.types()) {
    around.out.write(between + stage_text(*type));
    between = "\n";
  }
  LinePrinter printer(around.err,
                      describe_terminal(STDERR_FILENO, line.color, around.environment),
                      [] { return terminal_columns(STDERR_FILENO); });
  for (const Error& failure : failures) {
    for (const Line& text : error_lines(failure)) {
      printer.print(text);
    }
  }
  return failures.empty() ? ExitCode::done : ExitCode::failed;
}

}  // namespace

ExitCode list_stages(const CommandLine& line, Surroundings& around) {
  auto registry = make_registry(line, around);
  if (!registry) {
    return refuse({std::move(registry.error()), {}, {}}, line, around);
  }
  std::vector<Error> failures = registry->load_folders();
  // Only a file that was named: listing must not run the code of whatever checkout one stands in.
  if (!line.config.empty()) {
    const auto pipeline = read_pipeline_argument(line.config, around);
    if (!pipeline) {
      return refuse(pipeline.error(), line, around);
    }
    for (const auto& plugin : pipeline->plugins) {
      const std::string origin =
          fmt::format("{}:{}:{}", pipeline->file, plugin.at.line, plugin.at.column);
      if (auto loaded = registry->load_file(plugin.path, origin); !loaded) {
        failures.push_back(std::move(loaded.error()));
      }
    }
  }
  return line.json ? print_json(*registry, failures, around)
                   : print_text(*registry, failures, line, around);
}

}  // namespace deployflow::cli
