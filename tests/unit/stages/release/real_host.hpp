// The real host under a part of a stage: artifacts in memory, options out of YAML that the real
// schema checker has seen, findings kept.

#pragma once

#include "plugins/host/run/approval.hpp"
#include "plugins/host/run/stage_call.hpp"
#include "plugins/host/run/value_table.hpp"
#include "tests/unit/pipeline/reading.hpp"
#include "tests/unit/run/recorder.hpp"

#include <deployflow/stage.hpp>

#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace deployflow::test {

struct RealHost {
  site::ArtifactSet artifacts;
  Recorder recorder;
  run::EventHub events{recorder, run::LogLevel::info};
  ThreadPool pool{1};
  pipeline::Pipeline pipeline;
  std::stop_source stop;
  run::TargetBook targets{pipeline, {}, store::DryRun::no, {}, pool, {}};
  run::Approval approval{
      nullptr, run::Approval::Keep::no, artifacts, targets, pool, stop.get_token()};
  run::RunState run{"id",
                    "deployflow.yaml",
                    false,
                    stop.get_token(),
                    {},
                    events,
                    artifacts,
                    targets,
                    approval,
                    pool,
                    {},
                    false};
  load::StageType type;
  run::StageState stage{run, type, "s", {}, {}, {}};
  df_ctx call{stage};

  [[nodiscard]] Ctx ctx() { return Ctx{&call, &run::host_table()}; }

  /// Returns its id.
  std::uint64_t add(const std::string& key,
                    const std::string& media_type,
                    site::Headers headers = {},
                    std::string bytes = "x") {
    site::Artifact artifact;
    artifact.key = key;
    artifact.media_type = media_type;
    artifact.headers = std::move(headers);
    artifact.bytes = std::make_shared<const std::string>(std::move(bytes));
    return artifacts.put(std::move(artifact));
  }

  /// "line:col code message (hint)"
  [[nodiscard]] std::vector<std::string> findings() const {
    std::vector<std::string> out;
    for (const run::Finding& f : recorder.all<run::Finding>()) {
      out.push_back(std::to_string(f.line) + ":" + std::to_string(f.column) + " " + f.code + " " +
                    f.message + (f.hint.empty() ? "" : " (" + f.hint + ")"));
    }
    return out;
  }
};

}  // namespace deployflow::test
