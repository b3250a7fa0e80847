#include "cli/preview_job.hpp"

#include "cli/pipeline_edit.hpp"
#include "plugins/host/base/text.hpp"
#include "plugins/host/store/target.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <utility>

namespace deployflow::cli {
namespace {

using pipeline::Pipeline;

constexpr std::size_t k_longest_name = 63;
constexpr const char* k_default_life = "14d";
constexpr const char* k_no_limit = "1000000000";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// "Feature/X_2" -> "feature-x-2"; empty if nothing of it can stay.
std::string name_like(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (is_name_character(small)) {
      name += small;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  name.resize(std::min(name.size(), k_longest_name));
  while (!name.empty() && name.back() == '-') {
    name.pop_back();
  }
  return name;
}

Refusal usage(std::string message, std::string hint) {
  return {Error{Errc::usage, std::move(message), std::move(hint)}, {}, {}};
}

pipeline::Target* target_called(Pipeline& pipeline, const std::string& name) {
  const auto found = std::find_if(pipeline.targets.begin(),
                                  pipeline.targets.end(),
                                  [&](const auto& one) { return one.config.name == name; });
  return found == pipeline.targets.end() ? nullptr : &*found;
}

/// Targets by the folder of their previews: mostly all have the same.
std::map<std::string, std::vector<std::string>> by_folder(Pipeline& pipeline,
                                                          const std::vector<std::string>& targets) {
  std::map<std::string, std::vector<std::string>> out;
  for (const std::string& name : targets) {
    if (const pipeline::Target* target = target_called(pipeline, name)) {
      out[target->config.previews].push_back(name);
    }
  }
  return out;
}

/// The targets as they are now, under names that no file can give: "site of primary".
std::vector<std::string> set_aside(Pipeline& pipeline, const std::vector<std::string>& targets) {
  std::vector<std::string> names;
  for (const std::string& name : targets) {
    if (const pipeline::Target* target = target_called(pipeline, name)) {
      pipeline::Target aside = *target;
      aside.config.name = names.emplace_back("site of " + name);
      aside.is_aside = true;
      pipeline.targets.push_back(std::move(aside));
    }
  }
  return names;
}

// Before the first stage that takes the bytes of a page as they are.
void add_noindex(Pipeline& pipeline) {
  const auto has = [](const char* uses) {
    return [uses](const auto& stage) { return stage.uses == uses; };
  };
  if (std::any_of(pipeline.stages.begin(), pipeline.stages.end(), has("noindex"))) {
    return;
  }
  const auto at =
      std::find_if(pipeline.stages.begin(), pipeline.stages.end(), [](const auto& stage) {
        return stage.uses == "compress" || is_upload(stage);
      });
  auto stage = make_stage("noindex", free_id(pipeline, "noindex"));
  pipeline.stages.insert(at, std::move(stage));
}

void set_upload_options(pipeline::Stage& upload, const std::string& expires) {
  if (!expires.empty()) {
    set_option(upload, "expires", plain_value(expires));
  } else if (option_of(upload, "expires") == nullptr) {
    set_option(upload, "expires", plain_value(k_default_life));
  }
  // It is exactly the site: what an earlier push left is of no use, and nobody else's is touched.
  set_option(upload, "delete", plain_value("true"));
  set_option(upload, "max_delete", plain_value(k_no_limit));
  set_option(upload, "keep_assets", plain_value("0"));
}

}  // namespace

Result<void> check_preview_name(const std::string& name) {
  if (!name.empty() && name.size() <= k_longest_name && name.front() != '-' && name.back() != '-' &&
      std::all_of(name.begin(), name.end(), [](char one) {
        return one == '-' || is_name_character(one);
      })) {
    return {};
  }
  const std::string like = name_like(name);
  return Error{Errc::usage,
               fmt::format("--preview {}: a name has 1 to 63 of a-z, 0-9 and \"-\", and no \"-\" "
                           "at either end",
                           printable(name)),
               like.empty() ? std::string() : fmt::format("such as --preview {}", like)};
}

void turn_to_preview(Pipeline& pipeline,
                     const std::vector<std::string>& targets,
                     const std::string& name) {
  for (const std::string& one : targets) {
    if (pipeline::Target* target = target_called(pipeline, one)) {
      store::move_below(target->config, target->config.previews + name + "/");
    }
  }
}

Result<Pipeline, Refusal> preview_pipeline(const CommandLine& line,
                                           Pipeline pipeline,
                                           std::vector<std::string>& notes) {
  if (line.preview.empty()) {
    if (!line.expires.empty()) {
      return usage("--expires needs --preview", "what is live does not end by itself");
    }
    return pipeline;
  }
  if (auto good = check_preview_name(line.preview); !good) {
    return Refusal{std::move(good.error()), {}, {}};
  }
  if (std::none_of(pipeline.stages.begin(), pipeline.stages.end(), is_upload)) {
    return usage(fmt::format("{} has no upload stage, so there is nothing to preview",
                             printable(pipeline.file)),
                 "a preview is what upload stores, in a folder of its own");
  }
  const auto targets = upload_targets(pipeline);
  for (const std::string& name : targets) {
    const pipeline::Target* target = target_called(pipeline, name);
    if (target != nullptr && target->config.state) {
      return usage(
          fmt::format("target {} has a state: in another place, and then no previews", name),
          "a preview is known by what lies beside it; add a target without state: for them");
    }
  }
  const auto sites = by_folder(pipeline, targets);
  for (const auto& [folder, names] : sites) {
    auto clean = make_stage("remove-previews", free_id(pipeline, "expired-previews"));
    clean.may_fail = true;
    set_option(clean, "in", list_value(set_aside(pipeline, names)));
    set_option(clean, "folder", text_value(folder));
    set_option(clean, "expired", plain_value("true"));
    set_option(clean, "spare", text_value(line.preview));
    pipeline.stages.push_back(std::move(clean));
  }
  turn_to_preview(pipeline, targets, line.preview);
  if (std::erase_if(pipeline.stages, [](const auto& one) { return one.uses == "replicate"; }) > 0) {
    notes.emplace_back("a preview is not replicated");
  }
  for (auto& stage : pipeline.stages) {
    if (is_upload(stage)) {
      set_upload_options(stage, line.expires);
    }
  }
  add_noindex(pipeline);
  return pipeline;
}

Result<Pipeline, Refusal> previews_pipeline(const CommandLine& line,
                                            Pipeline pipeline,
                                            const std::vector<std::string>& targets) {
  const bool removes = !line.remove.empty() || line.remove_expired;
  if (!removes && (line.dry_run || !line.wait.empty())) {
    return usage(
        fmt::format("{} needs --remove or --remove-expired", line.dry_run ? "-n" : "--wait"),
        "a list of the previews changes nothing");
  }
  pipeline.plugins.clear();  // none of their stages will run
  pipeline.stages.clear();
  for (const auto& [folder, names] : by_folder(pipeline, targets)) {
    const char* uses = removes ? "remove-previews" : "previews";
    auto stage = make_stage(uses, free_id(pipeline, uses));
    set_option(stage, "in", list_value(names));
    set_option(stage, "folder", text_value(folder));
    if (removes) {
      set_option(stage, "names", list_value(line.remove));
      set_option(stage, "expired", plain_value(line.remove_expired ? "true" : "false"));
    }
    if (!line.wait.empty()) {
      set_option(stage, "wait", plain_value(line.wait));
    }
    pipeline.stages.push_back(std::move(stage));
  }
  return pipeline;
}

}  // namespace deployflow::cli
