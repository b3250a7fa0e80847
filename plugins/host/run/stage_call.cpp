#include "plugins/host/run/stage_call.hpp"

#include "plugins/host/load/status.hpp"

#include <utility>

using deployflow::Error;
using deployflow::run::lend;
using deployflow::site::ArtifactSet;

df_str df_ctx::keep(std::string text) {
  const std::lock_guard lock(mutex_);
  return lend(texts_.emplace_back(std::move(text)));
}

const df_artifact* df_ctx::keep(ArtifactSet::Pointer artifact) {
  df_artifact view{};
  view.struct_size = sizeof view;
  view.id = artifact->id;
  view.key = lend(artifact->key);
  view.path = artifact->path.empty() ? df_str{} : lend(artifact->path);
  view.size = artifact->size();
  view.mtime_ns = artifact->stamp.mtime_ns;
  view.media_type = lend(artifact->media_type);
  const std::lock_guard lock(mutex_);
  held_.push_back(std::move(artifact));
  return &views_.emplace_back(view);
}

df_cursor* df_ctx::keep(std::unique_ptr<df_cursor> cursor) {
  const std::lock_guard lock(mutex_);
  return cursors_.emplace_back(std::move(cursor)).get();
}

df_status df_ctx::fail(const Error& error, std::string_view code, std::string_view key) {
  if (error.code != deployflow::Errc::cancelled) {
    ++stage_.errors;
    deployflow::run::Finding finding;
    finding.stage = stage_.id;
    finding.code = code;
    finding.message = error.message;
    finding.hint = error.hint;
    finding.key = key;
    run().events.finding(std::move(finding));
  }
  return deployflow::load::to_status(error.code);
}
