#include "stages/release/live_state.hpp"

#include "stages/release/etag.hpp"
#include "stages/release/handover.hpp"
#include "stages/release/temp_file.hpp"

#include <chrono>
#include <exception>
#include <thread>

namespace deployflow::release {
namespace {

constexpr std::uint64_t k_largest_current = 1U << 20;
constexpr std::uint64_t k_largest_manifest = std::uint64_t{1} << 30;

[[noreturn]] void refuse_newer(Ctx ctx,
                               std::string_view target,
                               std::string_view stage,
                               std::string_view key) {
  ctx.error(std::string(stage) + "/newer",
            std::string(target) + ": " + std::string(key) +
                " was written by a later version of deployflow")
      .hint("use that version here as well: an older one would lose what it does not understand");
  throw Failure{DF_FAILED, ""};
}

void warn_unreadable(Ctx ctx,
                     std::string_view target,
                     std::string_view stage,
                     std::string_view key,
                     const std::string& detail) {
  ctx.warning(std::string(stage) + "/state",
              std::string(target) + ": " + std::string(key) + " cannot be used: " + detail)
      .hint(
          "what the target holds is looked at instead; nothing that an earlier release left is "
          "deleted");
}

// Where `state:` points there is no release. Is there one where it was before? Then it was not
// moved along, and what follows is a bucket that nobody remembers.
void warn_if_left_behind(Ctx ctx,
                         const Store& store,
                         std::string_view target,
                         std::string_view stage) {
  const df_target_info info = store.target(target);
  if (info.state.n == 0 || head(store, target, k_current_key, DF_OP_BESIDE_SITE).status != DF_OK) {
    return;
  }
  const std::string old = std::string(sv(info.display)) +
                          (sv(info.display).ends_with('/') ? "" : "/") + std::string(k_reserved);
  ctx.warning(std::string(stage) + "/state-elsewhere",
              std::string(target) + ": there is no release in " + std::string(sv(info.state)) +
                  ", but one in " + old + ", where it was before")
      .hint(
          "copy all of it to the new place before the next deployment: without it the site has "
          "no history, and nothing that earlier releases left is deleted");
}

[[noreturn]] void fail(Ctx ctx,
                       std::string_view target,
                       std::string_view stage,
                       std::string_view what,
                       const Answer& answer) {
  report(ctx, stage, std::string(target) + ": " + std::string(what), answer);
  throw Failure{answer.status, ""};
}

/// A manifest is read while it comes: as text it takes more memory than what is kept of it.
class Reading {
 public:
  explicit Reading(const Inventory* known)
      : parser_([this, known] {
          try {
            read_ = read_manifest([this] { return bytes_.take(); }, known);
          } catch (const std::exception& error) {
            read_.detail = error.what();
          }
          bytes_.stop();
        }) {}
  ~Reading() { finish(); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  void take(std::string_view piece) { bytes_.give(piece); }
  Read<Manifest>& finish() {
    if (parser_.joinable()) {
      bytes_.end();
      parser_.join();
    }
    return read_;
  }

 private:
  Handover bytes_;
  Read<Manifest> read_;
  std::thread parser_;  // last: it uses the others
};

}  // namespace

LiveState read_current_state(Ctx ctx,
                             const Store& store,
                             std::string_view target,
                             std::string_view stage) {
  LiveState state;
  const Answer answer = get(store, target, k_current_key, k_largest_current);
  if (answer.status == DF_NOT_FOUND) {
    warn_if_left_behind(ctx, store, target, stage);
    return state;
  }
  if (answer.status != DF_OK) {
    fail(ctx, target, stage, "the live release cannot be read", answer);
  }
  state.current_etag = answer.etag;
  Read<Current> read = read_current(answer.body);
  if (!read.value && read.why == Unreadable::newer) {
    refuse_newer(ctx, target, stage, k_current_key);
  }
  if (!read.value) {
    warn_unreadable(ctx, target, stage, k_current_key, read.detail);
    return state;
  }
  state.current = std::move(read.value);
  state.confirmed_s = answer.modified_s;
  return state;
}

LiveState read_live(Ctx ctx,
                    const Store& store,
                    std::string_view target,
                    std::string_view stage,
                    const Inventory* known) {
  LiveState state = read_current_state(ctx, store, target, stage);
  if (state.current) {
    const ReleaseLine& line = *state.current->find(state.current->live);
    state.live = read_release(ctx, store, target, stage, line, known);
  }
  return state;
}

std::optional<Manifest> read_release(Ctx ctx,
                                     const Store& store,
                                     std::string_view target,
                                     std::string_view stage,
                                     const ReleaseLine& line,
                                     const Inventory* known) {
  const std::string key = manifest_key(line.id);
  Reading reading(known);
  const Answer answer = get_pieces(
      store, target, key, k_largest_manifest, [&](std::string_view piece) { reading.take(piece); });
  Read<Manifest>& read = reading.finish();
  if (answer.status == DF_NOT_FOUND) {
    warn_unreadable(ctx, target, stage, key, "it is gone");
    return std::nullopt;
  }
  if (answer.status != DF_OK) {
    fail(ctx, target, stage, "the manifest of a release cannot be read", answer);
  }
  if (!read.value && read.why == Unreadable::newer) {
    refuse_newer(ctx, target, stage, key);
  }
  const bool is_changed =
      !line.manifest_etag.empty() &&
      (are_of_other_bytes(answer.etag, line.manifest_etag) || answer.size != line.manifest_size);
  if (!read.value || is_changed || read.value->release.id != line.id) {
    warn_unreadable(
        ctx, target, stage, key, !read.value ? read.detail : "it is not the one that was written");
    return std::nullopt;
  }
  read.value->release = line;
  return std::move(read.value);
}

void store_manifest(Ctx ctx,
                    const Store& store,
                    std::string_view target,
                    std::string_view stage,
                    ReleaseLine& release,
                    const Contents& contents) {
  const std::string key = manifest_key(release.id);
  TempFile file(ctx);
  write_manifest(release, contents, [&](std::string_view piece) { file.write(piece); });
  const Answer put = put_json_file(store, target, key, file.path(), {});
  if (put.status != DF_OK) {
    fail(ctx, target, stage, "the release cannot be recorded", put);
  }
  release.manifest_etag = put.etag;
  release.manifest_size = put.size;
}

void store_current(Ctx ctx,
                   const Store& store,
                   std::string_view target,
                   std::string_view stage,
                   const Current& current,
                   LiveState& state) {
  const std::string text = write_current(current);
  const If condition{.absent = state.current_etag.empty(), .match = state.current_etag};
  Answer put = put_json(store, target, k_current_key, text, condition);
  if (put.status == DF_CONFLICT) {
    // Perhaps our own: an answer was lost, and it was sent once more.
    const Answer seen = get(store, target, k_current_key, k_largest_current);
    if (seen.status == DF_OK && seen.body == text) {
      put = seen;
    }
  } else if (put.http_status == 501) {
    put = put_json(store, target, k_current_key, text, {});  // a store without conditions
  }
  if (put.status == DF_CONFLICT) {
    ctx.error(std::string(stage) + "/conflict",
              std::string(target) + ": another deployment has finished meanwhile")
        .hint("look at what is live now, then run the same command again");
    throw Failure{DF_CONFLICT, ""};
  }
  if (put.status != DF_OK) {
    fail(ctx, target, stage, "the release cannot be recorded", put);
  }
  state.current_etag = put.etag;
}

std::string new_release_id(std::string_view run_id, const std::optional<Current>& current) {
  std::string id(run_id);
  for (int number = 2; current && current->find(id) != nullptr; ++number) {
    id = std::string(run_id) + "-" + std::to_string(number);
  }
  return id;
}

Provenance provenance_of_run(Ctx ctx, const RunInfo& info) {
  Provenance by;
  by.time_s = std::chrono::duration_cast<std::chrono::seconds>(
                  std::chrono::system_clock::now().time_since_epoch())
                  .count();
  by.user = sv(info.user);
  by.host = sv(info.host);
  by.job = sv(info.job_url);
  by.commit = sv(info.commit);
  by.version = sv(ctx.host()->name_version);
  return by;
}

}  // namespace deployflow::release
