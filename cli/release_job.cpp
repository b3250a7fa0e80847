#include "cli/release_job.hpp"

#include "cli/options.hpp"
#include "cli/pipeline_edit.hpp"
#include "cli/preview_job.hpp"
#include "cli/target_choice.hpp"
#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace deployflow::cli {
namespace {

using pipeline::Pipeline;

// What all uploads say of an option; nullptr if one says nothing, or another thing.
const pipeline::Value* said_by_all_uploads(const Pipeline& pipeline, std::string_view option) {
  const pipeline::Value* said = nullptr;
  for (const auto& stage : pipeline.stages) {
    const pipeline::Value* value = is_upload(stage) ? option_of(stage, option) : nullptr;
    if (is_upload(stage) && (value == nullptr || (said != nullptr && said->text != value->text))) {
      return nullptr;
    }
    said = value != nullptr ? value : said;
  }
  return said;
}

// Names of the words of a command, as options of its stage.
std::vector<const char*> word_options(Command command) {
  switch (command) {
    case Command::rollback:
      return {"release"};
    case Command::diff:
      return {"from", "to"};
    case Command::unlock:
      return {"run"};
    default:
      return {};
  }
}

// What comes before the site is stored, but for the checks: it may change headers. Then the
// upload's own options, asked about one key.
Pipeline explain_pipeline(const CommandLine& line, Pipeline pipeline) {
  const auto upload = std::find_if(pipeline.stages.begin(), pipeline.stages.end(), is_upload);
  pipeline::Stage explain;
  if (upload != pipeline.stages.end()) {
    explain = *upload;
  }
  pipeline.stages.erase(upload, pipeline.stages.end());
  std::erase_if(pipeline.stages, [](const auto& stage) { return stage.uses == "validate"; });
  explain.id = explain.uses = "explain";
  set_option(explain, "key", text_value(line.words.front()));
  pipeline.stages.push_back(std::move(explain));
  return pipeline;
}

}  // namespace

bool is_about_releases(Command command) {
  switch (command) {
    case Command::releases:
    case Command::rollback:
    case Command::diff:
    case Command::prune:
    case Command::unlock:
    case Command::previews:
      return true;
    default:
      return false;
  }
}

void set_wait(Pipeline& pipeline, const std::string& wait) {
  for (auto& stage : pipeline.stages) {
    if (is_upload(stage) || stage.uses == "rollback" || stage.uses == "replicate") {
      set_option(stage, "wait", plain_value(wait));
    }
  }
}

Result<Pipeline, Refusal> release_pipeline(const CommandLine& line, Pipeline pipeline) {
  const std::string name = row_of(line.command).name;
  const bool needs_word = line.command == Command::diff || line.command == Command::explain;
  if (needs_word && line.words.empty()) {
    return Refusal{
        {Errc::usage,
         fmt::format("{} needs a {}", name, line.command == Command::diff ? "release" : "key"),
         fmt::format("usage: deployflow {} {}", name, row_of(line.command).arguments)},
        {},
        {}};
  }
  if (line.command == Command::explain) {
    return explain_pipeline(line, std::move(pipeline));
  }
  std::vector<std::string> targets = upload_targets(pipeline);
  if (!line.target.empty()) {
    auto chosen = choose_targets(line, pipeline, line.target);
    if (!chosen) {
      return std::move(chosen.error());
    }
    targets = {line.target};
  }
  if (line.command == Command::previews) {
    return previews_pipeline(line, std::move(pipeline), targets);
  }
  if (!line.preview.empty()) {
    if (auto good = check_preview_name(line.preview); !good) {
      return Refusal{std::move(good.error()), {}, {}};
    }
    turn_to_preview(pipeline, targets, line.preview);
  }
  pipeline::Stage stage = make_stage(name, name);
  set_option(stage, "in", list_value(targets));
  const auto words = word_options(line.command);
  for (std::size_t i = 0; i < std::min(words.size(), line.words.size()); ++i) {
    set_option(stage, words[i], text_value(line.words[i]));
  }
  if (!line.keep.empty()) {
    set_option(stage, "keep", plain_value(line.keep));
  }
  if (line.command == Command::rollback) {
    if (const pipeline::Value* keep = said_by_all_uploads(pipeline, "keep_contents")) {
      set_option(stage, "keep_contents", *keep);
    }
    // Copies of the site follow it; a preview has none.
    std::erase_if(pipeline.stages, [&](const auto& one) {
      return one.uses != "replicate" || !line.preview.empty();
    });
    pipeline.stages.insert(pipeline.stages.begin(), std::move(stage));
  } else {
    pipeline.plugins.clear();  // none of their stages will run
    pipeline.stages = {std::move(stage)};
  }
  if (!line.wait.empty()) {
    set_wait(pipeline, line.wait);
  }
  return pipeline;
}

}  // namespace deployflow::cli
