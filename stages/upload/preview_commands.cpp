#include "stages/upload/preview_commands.hpp"

#include "stages/release/lane.hpp"
#include "stages/release/live_state.hpp"
#include "stages/release/preview.hpp"
#include "stages/release/release_json.hpp"
#include "stages/release/removal.hpp"
#include "stages/upload/command_text.hpp"
#include "stages/upload/release_options.hpp"

#include <algorithm>
#include <utility>

namespace deployflow::stages {
namespace {

using release::Json;

/// A key as the path of a URL.
std::string encoded(std::string_view key) {
  constexpr std::string_view k_plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : key) {
    if (k_plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', k_digits[byte >> 4U], k_digits[byte & 0xFU]};
    }
  }
  return out;
}

/// Where a visitor begins, as the host tells it after a push.
std::string url_of(const df_target_info& info, const std::string& start) {
  if (sv(info.url).empty()) {
    return std::string(sv(info.object_base)) + encoded(start);
  }
  return std::string(sv(info.url)) + (start == "index.html" ? "" : encoded(start));
}

std::string count_of(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string expiry_text(const release::PreviewState& state) {
  if (!state.mark) {
    return "damaged";
  }
  return state.mark->expires_s == 0 ? "stays"
                                    : (state.is_expired() ? "expired " : "until ") +
                                          release::format_time(state.mark->expires_s);
}

}  // namespace

void Previews::configure(Ctx /*ctx*/, const Options& given) {
  in_ = given.get_texts("in");
  folder_ = given.get_or<std::string>("folder", "previews/");
}

void Previews::run(Ctx ctx, const RunInfo& /*info*/) const {
  const Store store = ctx.store();
  Json all = Json::object();
  for (const std::string& target : in_) {
    Json lines = Json::array();
    for (const FoundPreview& preview : find_previews(store, target, folder_)) {
      if (preview.is_remains) {
        continue;  // its removal has deleted all but the lock
      }
      const std::string place = preview_target(target, folder_, preview.name);
      const auto state = release::read_preview(ctx, store, place, name);
      const auto live = release::read_current_state(ctx, store, place, name);
      const std::string url = url_of(store.target(place), preview.start);
      const release::Provenance by = state.mark ? state.mark->by : release::Provenance();
      Json line{{"name", preview.name},
                {"url", url},
                {"by", release::to_json(by)},
                {"files", preview.files},
                {"bytes", preview.bytes},
                {"expired", state.is_expired()},
                {"damaged", !state.mark}};
      if (live.current) {
        line["release"] = live.current->live;
      }
      if (state.mark && state.mark->expires_s != 0) {
        line["expires"] = release::format_time(state.mark->expires_s);
        line["expires_s"] = state.mark->expires_s;
      }
      lines.push_back(std::move(line));
      ctx.answer(heading(in_, target) + (state.is_expired() ? "x " : "  ") + preview.name + "  " +
                 url + "  " + expiry_text(state) + "  " + count_of(preview.files, "file") + ", " +
                 std::to_string(preview.bytes) + " bytes  " + (live.current ? "" : "unfinished  ") +
                 release::format_time(by.time_s) + " " + by_whom(by));
    }
    if (lines.empty()) {
      ctx.answer(heading(in_, target) + "no preview");
    }
    all[target] = std::move(lines);
  }
  ctx.set_output("previews", all.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void RemovePreviews::configure(Ctx ctx, const Options& given) {
  in_ = given.get_texts("in");
  folder_ = given.get_or<std::string>("folder", "previews/");
  given.each<std::string>("names", [this](std::string one) { names_.push_back(std::move(one)); });
  expired_ = given.get_or("expired", false);
  spare_ = given.get_or<std::string>("spare", "");
  lease_ = read_lease_options(given);
  if (names_.empty() && !expired_) {
    ctx.error("remove-previews/options", "neither `names` nor `expired` says which previews");
    throw Failure{DF_BAD_OPTIONS, ""};
  }
}

bool RemovePreviews::is_named(const std::string& preview) const {
  return std::find(names_.begin(), names_.end(), preview) != names_.end();
}

// Named ones must be there, in some target; of the rest those that may have expired.
std::vector<FoundPreview> RemovePreviews::choose(const Store& store,
                                                 const std::string& target) const {
  std::vector<FoundPreview> found = find_previews(store, target, folder_);
  std::erase_if(found, [this](const FoundPreview& one) {
    return !is_named(one.name) && (!expired_ || one.is_remains || one.name == spare_);
  });
  return found;
}

bool RemovePreviews::remove(Ctx ctx,
                            const Store& store,
                            const RunInfo& info,
                            const std::string& target,
                            const FoundPreview& preview) const {
  const std::string place = preview_target(target, folder_, preview.name);
  const bool may_live = !is_named(preview.name);
  const auto lives = [&] {
    return may_live && !release::read_preview(ctx, store, place, name).is_expired();
  };
  if (lives()) {
    return false;
  }
  const bool is_dry = info.dry_run != 0;
  release::Lease lease(ctx, store, place, name, info, lease_);
  if (!is_dry) {
    lease.acquire();
    if (lives()) {
      return false;  // a push was faster, and has renewed it
    }
  }
  const auto may_write = [&]() -> df_status {
    return is_dry || lease.is_held() ? DF_OK : DF_CONFLICT;
  };
  const release::Removed removed =
      release::remove_deployment(ctx,
                                 store,
                                 place,
                                 name,
                                 may_live ? "its preview has expired" : "its preview is removed",
                                 may_write);
  ctx.finding(
      DF_INFO,
      "remove-previews/removed",
      std::string(sv(store.target(place).display)) + (may_live ? " had expired and " : " ") +
          (is_dry ? "would be removed: " : "is removed: ") + count_of(removed.objects, "object") +
          ", " + std::to_string(removed.bytes) + " bytes");
  if (!removed.left.empty()) {
    ctx.warning("remove-previews/left",
                std::string(sv(store.target(place).display)) + ": " +
                    count_of(removed.left.size(), "object") +
                    " that no release of the preview left like this stays, such as " +
                    removed.left.front());
  }
  return true;
}

void RemovePreviews::run(Ctx ctx, const RunInfo& info) const {
  const Store store = ctx.store();
  df_status gravest = DF_OK;
  std::vector<std::string> missing = names_;
  Json all = Json::object();
  std::vector<std::pair<std::string, std::vector<FoundPreview>>> chosen;
  for (const std::string& target : in_) {
    chosen.emplace_back(target, choose(store, target));
    for (const FoundPreview& one : chosen.back().second) {
      std::erase(missing, one.name);
    }
  }
  for (const std::string& one : missing) {
    ctx.error("remove-previews/not-found", "there is no preview " + one)
        .hint("`deployflow previews` lists them");
    gravest = DF_NOT_FOUND;
  }
  if (gravest != DF_OK) {
    throw Failure{gravest, ""};  // nothing is removed: perhaps it was another that was meant
  }
  for (const auto& [target, previews] : chosen) {
    all[target] = Json::array();
    for (const FoundPreview& preview : previews) {
      ctx.check();
      try {
        if (remove(ctx, store, info, target, preview)) {
          all[target].push_back(preview.name);
        }
      } catch (const Failure& failure) {  // the others can go
        if (failure.what()[0] != '\0') {
          ctx.error("remove-previews/failed", preview.name + ": " + failure.what());
        }
        gravest = release::graver(gravest, failure.status);
      }
    }
  }
  ctx.set_output("removed", all.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (gravest != DF_OK) {
    throw Failure{gravest, ""};
  }
}

}  // namespace deployflow::stages
