#include "cli/job.hpp"

#include "cli/options.hpp"
#include "cli/pipeline_edit.hpp"
#include "cli/preview_job.hpp"
#include "cli/release_job.hpp"
#include "cli/target_argument.hpp"
#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/run/runner.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>

namespace deployflow::cli {
namespace {

using pipeline::Pipeline;
using pipeline::Value;

constexpr std::uint64_t k_largest_file = 1U << 20U;

Refusal refused(Error error) {
  return {std::move(error), {}, {}};
}

Refusal refused(pipeline::Diagnostics diagnostics, std::string file) {
  const std::string message = fmt::format(
      "{} in {}",
      diagnostics.size() == 1 ? "an error" : fmt::format("{} errors", diagnostics.size()),
      file.empty() ? "the pipeline" : printable(file));
  return {Error{Errc::config, message}, std::move(diagnostics), std::move(file)};
}

std::string absolute(const std::string& path, const std::string& folder) {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

Value string_value(std::string text) {
  Value value;
  value.kind = Value::Kind::string;
  value.text = std::move(text);
  value.quoted = true;
  return value;
}

pipeline::Stage stage(const char* uses) {
  pipeline::Stage made;
  made.id = uses;
  made.uses = uses;
  made.with.kind = Value::Kind::map;
  return made;
}

// validate, then upload to the target of --to.
Result<Pipeline> pipeline_of_command_line(const CommandLine& line, const Surroundings& around) {
  Pipeline made;
  made.folder = around.folder;
  TRY_ASSIGN(store::TargetConfig target, target_of(line));
  pipeline::Stage upload = stage("upload");
  upload.with.map.emplace_back("to", string_value(target.name));
  upload.with.key_positions.emplace_back();
  made.targets.push_back({std::move(target), {}});
  made.stages.push_back(stage("validate"));
  made.stages.push_back(std::move(upload));
  return made;
}

struct PipelineFile {
  std::string path;   // absolute
  std::string shown;  // "deployflow.yaml", "../deployflow.yaml"
};

std::optional<PipelineFile> find_file(const CommandLine& line, const Surroundings& around) {
  if (!line.config.empty()) {
    return PipelineFile{absolute(line.config, around.folder), line.config};
  }
  const auto found = pipeline::find_pipeline_file(around.folder);
  if (!found) {
    return std::nullopt;
  }
  return PipelineFile{*found,
                      std::filesystem::path(*found).lexically_relative(around.folder).string()};
}

Result<Pipeline, Refusal> read_pipeline(const std::string& path,
                                        std::string shown,
                                        const Surroundings& around) {
  const auto text = read_file(path, k_largest_file);
  if (!text) {
    // The path in that message is absolute; people know the file as they wrote it.
    std::string why = text.error().message;
    if (why.substr(0, path.size()) == path) {
      why.replace(0, path.size(), shown);
    }
    return refused({Errc::config, std::move(why)});
  }
  pipeline::Parsed parsed = pipeline::parse_pipeline(
      *text, shown, std::filesystem::path(path).parent_path().string(), around.environment);
  if (!parsed.pipeline) {
    return refused(std::move(parsed.diagnostics), std::move(shown));
  }
  return std::move(*parsed.pipeline);
}

// The first option that is about the target of --to.
const char* target_option(const CommandLine& line) {
  return !line.endpoint_url.empty() ? "--endpoint-url"
         : !line.region.empty()     ? "--region"
         : !line.profile.empty()    ? "--profile"
         : !line.url.empty()        ? "--url"
                                    : nullptr;
}

Error no_target(const CommandLine& line, const Surroundings& around) {
  if (line.command == Command::apply) {
    return {Errc::usage,
            fmt::format("no deployflow.yaml in {} or above, and the plan was made with one",
                        printable(around.folder)),
            "apply it in the folder where it was made"};
  }
  return {Errc::usage,
          fmt::format("no deployflow.yaml in {} or above, and no --to", printable(around.folder)),
          fmt::format("write a deployflow.yaml, or name the target: "
                      "deployflow {} --to s3://BUCKET --endpoint-url URL",
                      line.command == Command::push      ? "push SITE"
                      : line.command == Command::plan    ? "plan SITE"
                      : line.command == Command::explain ? "explain KEY SITE"
                      : line.command == Command::presign ? "presign KEY"
                      : is_about_releases(line.command)  ? row_of(line.command).name
                                                         : "doctor")};
}

// Two stages that write one file would each forget what the other knows.
Result<Pipeline, Refusal> with_baseline(const CommandLine& line,
                                        const Surroundings& around,
                                        Pipeline checks) {
  for (pipeline::Stage& one : checks.stages) {
    if (!line.baseline.empty()) {
      set_option(one, "baseline", string_value(absolute(line.baseline, around.folder)));
    }
    if (line.update_baseline) {
      one.uses = "baseline";
    }
  }
  const auto file_of = [](const pipeline::Stage& one) {
    const Value* file = option_of(one, "baseline");
    return file != nullptr ? file->text : std::string();
  };
  std::vector<std::string> files;
  std::ranges::transform(checks.stages, std::back_inserter(files), file_of);
  std::ranges::sort(files);
  const auto twice = std::ranges::adjacent_find(files);
  if (line.update_baseline && twice != files.end() && !twice->empty()) {
    return refused({Errc::usage,
                    fmt::format("--update-baseline: two validate stages have the baseline {}",
                                printable(*twice)),
                    "give each its own"});
  }
  return checks;
}

// The validate stages alone: as the pipeline file has them, or one without options.
Result<Pipeline, Refusal> pipeline_for_validate(const CommandLine& line,
                                                const Surroundings& around) {
  const auto file = find_file(line, around);
  Pipeline checks;
  checks.folder = around.folder;
  if (file) {
    auto read = read_pipeline(file->path, file->shown, around);
    if (!read) {
      return std::move(read.error());
    }
    checks = std::move(*read);
    checks.plugins.clear();  // none of their stages will run
    std::erase_if(checks.stages, [](const auto& one) { return one.uses != "validate"; });
  }
  if (checks.stages.empty()) {
    checks.stages.push_back(stage("validate"));
  }
  return with_baseline(line, around, std::move(checks));
}

Pipeline pipeline_for_rules(const CommandLine& line, const Surroundings& around) {
  Pipeline made;
  made.folder = around.folder;
  made.stages.push_back(stage("rules"));
  if (!line.words.empty()) {
    made.stages.back().with.map.emplace_back("code", string_value(line.words.front()));
    made.stages.back().with.key_positions.emplace_back();
  }
  return made;
}

Result<Pipeline, Refusal> pipeline_for(const CommandLine& line,
                                       const Surroundings& around,
                                       std::vector<std::string>& notes) {
  if (line.command == Command::push || line.command == Command::plan ||
      line.command == Command::apply) {
    auto found = find_pipeline(line, around, notes);
    if (found && !line.wait.empty()) {
      set_wait(*found, line.wait);
    }
    return found ? preview_pipeline(line, std::move(*found), notes) : std::move(found);
  }
  if (is_about_releases(line.command) || line.command == Command::explain) {
    auto found = find_pipeline(line, around, notes);
    return found ? release_pipeline(line, std::move(*found)) : std::move(found);
  }
  if (line.command == Command::validate) {
    return pipeline_for_validate(line, around);
  }
  if (line.command == Command::rules) {
    return pipeline_for_rules(line, around);
  }
  if (line.words.empty()) {
    return refused(
        {Errc::usage, "run needs a pipeline file", "usage: deployflow run <pipeline.yaml>"});
  }
  return read_pipeline_argument(line.words.front(), around);
}

// Where visitors see the site is known from a target; a validate stage that does not say otherwise
// checks links with that address, too.
void tell_address(Pipeline& pipeline) {
  const auto target = std::ranges::find_if(pipeline.targets,
                                           [](const auto& one) { return !one.config.url.empty(); });
  if (target == pipeline.targets.end()) {
    return;
  }
  for (pipeline::Stage& one : pipeline.stages) {
    const bool is_map = one.with.kind == Value::Kind::map;
    const bool is_said =
        std::ranges::any_of(one.with.map, [](const auto& entry) { return entry.first == "url"; });
    if ((one.uses == "validate" || one.uses == "baseline") && is_map && !is_said) {
      one.with.map.emplace_back("url", string_value(target->config.url));
      one.with.key_positions.emplace_back();
    }
  }
}

Result<SiteArgument> site_for(const CommandLine& line,
                              const Surroundings& around,
                              const Pipeline& pipeline) {
  const std::size_t at = line.command == Command::explain ? 1 : 0;
  const bool by_word = line.command != Command::run && line.words.size() > at;
  const std::string given = by_word ? line.words[at] : line.site;
  if (!given.empty() || by_word) {
    return check_site(given, line.name);
  }
  if (!pipeline.site) {
    return Error{Errc::usage,
                 pipeline.file.empty() ? "no site is given"
                                       : fmt::format("no site is given, and {} has no site:",
                                                     printable(pipeline.file)),
                 fmt::format("usage: deployflow {}",
                             line.command == Command::run       ? "run PIPELINE --site PATH"
                             : line.command == Command::push    ? "push SITE"
                             : line.command == Command::plan    ? "plan SITE"
                             : line.command == Command::explain ? "explain KEY SITE"
                                                                : "validate SITE")};
  }
  TRY_ASSIGN(SiteArgument site, check_site(*pipeline.site, line.name));
  if (!site.is_input()) {
    // As a person in this folder would name it; findings then name its files so as well.
    site.path = std::filesystem::path(site.path).lexically_relative(around.folder).string();
    site.shown = site.path;
  }
  return site;
}

}  // namespace

Result<Pipeline, Refusal> read_pipeline_argument(const std::string& path,
                                                 const Surroundings& around) {
  return read_pipeline(absolute(path, around.folder), path, around);
}

Result<Pipeline, Refusal> find_pipeline(const CommandLine& line,
                                        const Surroundings& around,
                                        std::vector<std::string>& notes) {
  if (!line.to.empty() && !line.config.empty()) {
    return refused({Errc::usage,
                    "--to and --config exclude each other",
                    "the targets of a pipeline file stand in the file"});
  }
  const auto file = find_file(line, around);
  if (!line.to.empty()) {
    if (file) {
      notes.push_back(fmt::format("--to is given, so {} is left aside", file->shown));
    }
    auto made = pipeline_of_command_line(line, around);
    if (!made) {
      return refused(std::move(made.error()));
    }
    return std::move(*made);
  }
  if (const char* option = target_option(line)) {
    return refused({Errc::usage,
                    fmt::format("{} needs --to", option),
                    "it describes the target of --to; a pipeline file describes its own targets"});
  }
  if (!file) {
    return refused(no_target(line, around));
  }
  return read_pipeline(file->path, file->shown, around);
}

Result<load::Registry> make_registry(const CommandLine& line, const Surroundings& around) {
  TRY_ASSIGN(auto folders, load::plugin_folders(around.environment, around.executable));
  load::Registry registry(std::move(folders));
  for (const std::string& plugin : line.plugins) {
    TRY(registry.load_file(absolute(plugin, around.folder), "--plugin"));
  }
  return registry;
}

Result<Job, Refusal> make_job(const CommandLine& line,
                              const Surroundings& around,
                              load::Registry& registry) {
  Job job;
  auto pipeline = pipeline_for(line, around, job.notes);
  if (!pipeline) {
    return std::move(pipeline.error());
  }
  job.pipeline = std::move(*pipeline);
  if (!is_about_releases(line.command) && line.command != Command::rules) {
    auto site = site_for(line, around, job.pipeline);
    if (!site) {
      return refused(std::move(site.error()));
    }
    job.site = std::move(*site);
  }
  tell_address(job.pipeline);
  auto diagnostics = run::prepare(job.pipeline, registry);
  if (!diagnostics.empty()) {
    return refused(std::move(diagnostics), job.pipeline.file);
  }
  return job;
}

}  // namespace deployflow::cli
