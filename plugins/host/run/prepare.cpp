// Everything that can be known to be wrong before anything runs.

#include "plugins/host/run/runner.hpp"

#include <spdlog/fmt/fmt.h>

namespace deployflow::run {

pipeline::Diagnostics prepare(pipeline::Pipeline& pipeline, load::Registry& registry) {
  pipeline::Diagnostics out;
  for (const auto& plugin : pipeline.plugins) {
    const std::string origin =
        fmt::format("{}:{}:{}", pipeline.file, plugin.at.line, plugin.at.column);
    if (const auto loaded = registry.load_file(plugin.path, origin); !loaded) {
      out.push_back({plugin.at, loaded.error().message, loaded.error().hint});
    }
  }
  for (std::size_t i = 0; i < pipeline.stages.size(); ++i) {
    pipeline::Stage& stage = pipeline.stages[i];
    const auto type = registry.resolve(stage.uses);
    if (!type) {
      out.push_back({stage.uses_at,
                     fmt::format("stages[{}].uses: {}", i, type.error().message),
                     type.error().hint});
      continue;
    }
    const auto wrong = pipeline::check_options(
        stage.with, (*type)->table->options_schema, pipeline, fmt::format("stages[{}].with", i));
    out.insert(out.end(), wrong.begin(), wrong.end());
  }
  return out;
}

}  // namespace deployflow::run
