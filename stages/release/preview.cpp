#include "stages/release/preview.hpp"

#include "stages/release/live_state.hpp"
#include "stages/release/release_json.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace deployflow::release {
namespace {

constexpr std::uint64_t k_largest_mark = 64U << 10;
constexpr std::string_view k_inner = "/.deployflow/";

std::int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// By the clock of the store, which says it with what it has: there is a lock, unless this is a dry
/// run.
std::int64_t store_now_s(const Store& store, std::string_view target) {
  constexpr std::uint64_t k_largest_lock = 64U << 10;
  const Answer answer = get(store, target, k_lock_key, k_largest_lock);
  return answer.answered_s != 0 ? answer.answered_s : now_s();
}

/// The first object that is there and is not the lock that we hold; empty if there is none.
std::string first_object(const Store& store, std::string_view target) {
  std::string found;
  const auto look = [&](const df_object& object) {
    if (found.empty() && sv(object.key) != k_lock_key && !sv(object.key).empty()) {
      found = sv(object.key);
    }
  };
  store.list(target, "", look);
  store.list(target, k_reserved, look);
  return found;
}

}  // namespace

std::string write_preview_mark(const PreviewMark& mark) {
  Json json{{"format", k_format}, {"by", to_json(mark.by)}, {"expires_s", mark.expires_s}};
  if (mark.expires_s != 0) {
    json["expires"] = format_time(mark.expires_s);
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Read<PreviewMark> read_preview_mark(std::string_view text) {
  const Json json = parse_small(text);
  if (!json.is_object()) {
    return {std::nullopt, Unreadable::corrupt, "it is no JSON object"};
  }
  if (number_of(json, "format") > k_format) {
    return {std::nullopt, Unreadable::newer, {}};
  }
  const auto expires = json.find("expires_s");
  constexpr std::uint64_t k_latest = std::uint64_t{1} << 40U;
  if (number_of(json, "format") != k_format || expires == json.end() ||
      !expires->is_number_unsigned() || number_of(json, "expires_s") > k_latest) {
    return {std::nullopt, Unreadable::corrupt, "it does not say when the preview ends"};
  }
  PreviewMark mark;
  mark.expires_s = static_cast<std::int64_t>(number_of(json, "expires_s"));
  if (const auto by = json.find("by"); by != json.end()) {
    mark.by = provenance_of(*by);
  }
  return {std::move(mark), {}, {}};
}

PreviewState read_preview(Ctx ctx,
                          const Store& store,
                          std::string_view target,
                          std::string_view stage) {
  PreviewState state;
  const Answer answer = get(store, target, k_preview_key, k_largest_mark);
  state.now_s = answer.answered_s != 0 ? answer.answered_s : now_s();
  if (answer.status == DF_NOT_FOUND) {
    return state;
  }
  const std::string what = std::string(target) + ": " + std::string(k_preview_key);
  if (answer.status != DF_OK) {
    report(ctx, stage, what + " cannot be read", answer);
    throw Failure{answer.status, ""};
  }
  Read<PreviewMark> read = read_preview_mark(answer.body);
  if (!read.value && read.why == Unreadable::newer) {
    ctx.error(std::string(stage) + "/newer", what + " was written by a later version of deployflow")
        .hint("use that version here as well");
    throw Failure{DF_FAILED, ""};
  }
  if (!read.value) {
    ctx.warning(std::string(stage) + "/state", what + " cannot be used: " + read.detail)
        .hint("this preview does not expire until it is pushed to once more");
  }
  state.is_preview = true;
  state.mark = std::move(read.value);
  return state;
}

void mark_preview(Ctx ctx,
                  const Store& store,
                  std::string_view target,
                  std::string_view stage,
                  const RunInfo& info,
                  std::chrono::seconds life) {
  const std::string where(sv(store.target(target).display));
  if (!sv(store.target(target).state).empty()) {
    ctx.error(std::string(stage) + "/no-preview",
              where + " keeps its state in another place, and then it cannot be a preview")
        .hint("a preview is known by what lies beside it: leave `state` out");
    throw Failure{DF_FAILED, ""};
  }
  PreviewState state = read_preview(ctx, store, target, stage);
  if (!state.is_preview) {
    if (const std::string other = first_object(store, target); !other.empty()) {
      ctx.error(std::string(stage) + "/no-preview",
                where + " holds " + other + " and is no preview, so it cannot become one")
          .hint("a preview is removed in whole one day: choose another name for it");
      throw Failure{DF_CONFLICT, ""};
    }
    state.now_s = store_now_s(store, target);
  }
  PreviewMark mark;
  mark.by = provenance_of_run(ctx, info);
  mark.expires_s = life.count() == 0 ? 0 : state.now_s + life.count();
  ctx.finding(DF_INFO,
              std::string(stage) + "/preview",
              where + (life.count() == 0 ? " is a preview that stays until it is removed"
                                         : " is a preview until " + format_time(mark.expires_s)));
  if (info.dry_run != 0) {
    return;
  }
  const Answer put = put_json(store, target, k_preview_key, write_preview_mark(mark), {});
  if (put.status != DF_OK) {
    report(ctx, stage, where + ": the preview cannot be recorded", put);
    throw Failure{put.status, ""};
  }
}

void PreviewFolders::note(std::string_view key) {
  if (key.size() > k_preview_key.size() && key.ends_with(k_preview_key) &&
      key[key.size() - k_preview_key.size() - 1] == '/') {
    folders_.emplace(key.substr(0, key.size() - k_preview_key.size()));
  }
}

// A key lies in few folders, and there may be many previews: its folders are looked up.
std::string_view PreviewFolders::folder_of(std::string_view key) const {
  if (folders_.empty()) {
    return {};
  }
  for (std::size_t slash = key.find('/'); slash != std::string_view::npos;
       slash = key.find('/', slash + 1)) {
    if (const auto found = folders_.find(key.substr(0, slash + 1)); found != folders_.end()) {
      return *found;
    }
  }
  return {};
}

bool is_state_of_another(std::string_view key) {
  return key.find(k_inner) != std::string_view::npos;
}

}  // namespace deployflow::release
