#include "plugins/host/run/stage_call.hpp"

#include "plugins/host/load/status.hpp"

#include <algorithm>
#include <utility>

using deployflow::Error;
using deployflow::run::lend;
using deployflow::site::ArtifactSet;

df_artifact deployflow::run::view_of(const site::Artifact& artifact) {
  df_artifact view{};
  view.struct_size = sizeof view;
  view.id = artifact.id;
  view.key = lend(artifact.key);
  view.path = artifact.path.empty() ? df_str{} : lend(artifact.path);
  view.size = artifact.size();
  view.mtime_ns = artifact.stamp.mtime_ns;
  view.media_type = lend(artifact.media_type);
  return view;
}

df_str df_ctx::keep(std::string_view text) {
  constexpr std::size_t k_first_piece = 256, k_largest_piece = 64U << 10;
  const std::lock_guard lock(mutex_);
  if (pieces_.empty() || pieces_.back().capacity() - pieces_.back().size() < text.size()) {
    const std::size_t usual =
        pieces_.empty() ? k_first_piece : std::min(2 * pieces_.back().capacity(), k_largest_piece);
    pieces_.emplace_back().reserve(std::max(usual, text.size()));
  }
  std::string& piece = pieces_.back();
  const std::size_t offset = piece.size();
  piece.append(text);
  return lend(std::string_view(piece).substr(offset));
}

const df_artifact* df_ctx::keep(ArtifactSet::Pointer artifact) {
  const std::lock_guard lock(mutex_);
  held_.push_back(std::move(artifact));
  return &views_.emplace_back(deployflow::run::view_of(*held_.back()));
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
    finding.severity =
        stage_.may_fail ? deployflow::run::Severity::warning : deployflow::run::Severity::error;
    finding.code = code;
    finding.message = error.message;
    finding.hint = error.hint;
    finding.key = key;
    run().events.finding(std::move(finding));
  }
  return deployflow::load::to_status(error.code);
}
