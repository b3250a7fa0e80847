// What commands change about a pipeline before it is checked: options of its stages, as if they
// stood in the file.

#pragma once

#include "plugins/host/pipeline/pipeline.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace deployflow::cli {

/// As in quotes: text, whatever it looks like.
pipeline::Value text_value(std::string text);
/// As it would stand in a file without quotes: a number stays one.
pipeline::Value plain_value(std::string text);
pipeline::Value list_value(const std::vector<std::string>& texts);

/// In place of what the file says, if it says it.
void set_option(pipeline::Stage& stage, const std::string& name, pipeline::Value value);
/// nullptr if the stage does not have it.
const pipeline::Value* option_of(const pipeline::Stage& stage, std::string_view name);

/// A stage without options.
pipeline::Stage make_stage(std::string uses, std::string id);
/// `id`, with a number behind it if a stage of the pipeline is called so.
std::string free_id(const pipeline::Pipeline& pipeline, const std::string& id);

bool is_upload(const pipeline::Stage& stage);
/// The targets that the uploads name; all, if there is no upload: a pipeline of other stages.
std::vector<std::string> upload_targets(const pipeline::Pipeline& pipeline);

}  // namespace deployflow::cli
