#include "stages/upload/release_commands.hpp"

#include "stages/release/catalog.hpp"
#include "stages/release/holder.hpp"
#include "stages/release/lease.hpp"
#include "stages/release/live_state.hpp"
#include "stages/release/prune.hpp"
#include "stages/release/release_json.hpp"
#include "stages/release/single.hpp"
#include "stages/upload/command_text.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace deployflow::stages {
namespace {

using release::Json;

constexpr std::uint64_t k_largest_lock = 64U << 10;

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void Releases::configure(Ctx /*ctx*/, const Options& given) {
  in_ = given.get_texts("in");
}

void Releases::run(Ctx ctx, const RunInfo& /*info*/) const {
  const Store store = ctx.store();
  Json all = Json::object();
  for (const std::string& target : in_) {
    const auto state = release::read_current_state(ctx, store, target, name);
    Json lines = Json::array();
    if (!state.current) {
      ctx.answer(heading(in_, target) + "no release");
    } else {
      for (const release::ReleaseLine& one : state.current->releases) {
        const bool is_live = one.id == state.current->live;
        Json line = release::to_json(one);
        line["live"] = is_live;
        lines.push_back(std::move(line));
        ctx.answer(heading(in_, target) + (is_live ? "* " : "  ") + one.id + "  " +
                   release::format_time(one.by.time_s) + "  " + std::to_string(one.files) +
                   " files, " + std::to_string(one.bytes) + " bytes  " + by_whom(one.by));
      }
    }
    all[target] = std::move(lines);
  }
  ctx.set_output("releases", to_text(all));
}

void Unlock::configure(Ctx /*ctx*/, const Options& given) {
  in_ = given.get_texts("in");
  run_ = given.get_or<std::string>("run", "");
}

void Unlock::run(Ctx ctx, const RunInfo& info) const {
  const Store store = ctx.store();
  std::uint64_t removed = 0;
  for (const std::string& target : in_) {
    const release::Answer seen = release::get(store, target, release::k_lock_key, k_largest_lock);
    if (seen.status == DF_NOT_FOUND) {
      ctx.answer(heading(in_, target) + "not locked");
      continue;
    }
    if (seen.status != DF_OK) {
      release::report(ctx, name, target + ": the lock cannot be read", seen);
      throw Failure{seen.status, ""};
    }
    const auto holder = release::read_holder(seen.body);
    const std::string who = holder ? release::describe(*holder) : "something that is no lock";
    const std::string run = holder ? holder->run : "unknown";
    ctx.answer(heading(in_, target) + "locked by " + who +
               (holder && release::is_dead(*holder) ? "; that process has ended" : ""));
    if (run_.empty()) {
      ctx.answer(
          heading(in_, target).append("if that run is gone: deployflow unlock ").append(run));
      continue;
    }
    if (run_ != run) {
      ctx.error(
          "unlock/another",
          std::string(target).append(" is locked by run ").append(run).append(", not by ") + run_);
      throw Failure{DF_CONFLICT, ""};
    }
    if (info.dry_run != 0) {
      continue;
    }
    const release::Answer gone = release::remove(store, target, release::k_lock_key, seen.etag);
    if (gone.status != DF_OK) {
      release::report(ctx, name, target + ": the lock cannot be removed", gone);
      throw Failure{gone.status, ""};
    }
    ++removed;
    ctx.answer(heading(in_, target) + "unlocked");
  }
  ctx.set_output("removed", std::to_string(removed));
}

void Prune::configure(Ctx /*ctx*/, const Options& given) {
  in_ = given.get_texts("in");
  keep_ = given.get_or<std::uint32_t>("keep", 5);
}

void Prune::run(Ctx ctx, const RunInfo& info) const {
  const Store store = ctx.store();
  Json all = Json::object();
  for (const std::string& target : in_) {
    release::Lease lease(ctx, store, target, name, info, {});
    if (info.dry_run == 0) {
      lease.acquire();
    }
    auto state = release::read_current_state(ctx, store, target, name);
    if (!state.current) {
      ctx.answer(heading(in_, target) + "no release");
      continue;
    }
    release::Current kept = *state.current;
    const auto live = *kept.find(kept.live);
    std::size_t others = 0;
    std::erase_if(kept.releases, [&](const release::ReleaseLine& one) {
      return one.id != live.id && ++others > keep_ - 1;
    });
    const auto may_write = [&] { return info.dry_run != 0 || lease.is_held(); };
    if (kept.releases.size() != state.current->releases.size() && info.dry_run == 0) {
      release::store_current(ctx, store, target, name, kept, state);
    }
    const release::Pruned pruned =
        release::prune_releases(ctx, store, target, name, kept, may_write);
    all[target] = {{"releases", pruned.releases}, {"blobs", pruned.blobs}, {"bytes", pruned.bytes}};
    ctx.answer(heading(in_, target) + std::to_string(pruned.releases) + " releases and " +
               std::to_string(pruned.blobs) + " contents (" + std::to_string(pruned.bytes) +
               " bytes) " + (info.dry_run != 0 ? "would be removed" : "removed"));
  }
  ctx.set_output("pruned", to_text(all));
}

void Diff::configure(Ctx /*ctx*/, const Options& given) {
  in_ = given.get_texts("in");
  from_ = given.get<std::string>("from");
  to_ = given.get_or<std::string>("to", "");
}

namespace {

release::Manifest manifest_of(Ctx ctx,
                              const Store& store,
                              const std::string& target,
                              const release::Current& current,
                              const std::string& id) {
  const release::ReleaseLine* line = current.find(id);
  auto manifest =
      line != nullptr ? release::read_release(ctx, store, target, Diff::name, *line) : std::nullopt;
  if (!manifest) {
    ctx.error("diff/no-release", target + " has no release " + id)
        .hint("`deployflow releases` lists them");
    throw Failure{DF_NOT_FOUND, ""};
  }
  return std::move(*manifest);
}

/// Of the site's own objects: what earlier releases left is no difference between two.
std::map<std::string_view, std::size_t> objects_of(const release::Catalog& catalog) {
  std::map<std::string_view, std::size_t> out;
  for (std::size_t i = 0; i < catalog.count(); ++i) {
    if (!catalog.is_leftover(i)) {
      out.emplace(catalog.key(i), i);
    }
  }
  return out;
}

}  // namespace

void Diff::run(Ctx ctx, const RunInfo& /*info*/) const {
  const Store store = ctx.store();
  Json all = Json::object();
  for (const std::string& target : in_) {
    const auto state = release::read_current_state(ctx, store, target, name);
    if (!state.current) {
      ctx.error("diff/no-releases", target + " has no release");
      throw Failure{DF_NOT_FOUND, ""};
    }
    const std::string to = to_.empty() ? state.current->live : to_;
    const release::Manifest a = manifest_of(ctx, store, target, *state.current, from_);
    const release::Manifest b = manifest_of(ctx, store, target, *state.current, to);
    const auto before = objects_of(a.objects);
    const auto after = objects_of(b.objects);
    Json lines = Json::array();
    const auto say = [&](const char* what, std::string_view key, const std::string& detail) {
      lines.push_back({{"change", what}, {"key", std::string(key)}, {"detail", detail}});
      ctx.answer(heading(in_, target) + what + " " + std::string(key) +
                 (detail.empty() ? "" : " (" + detail + ")"));
    };
    for (const auto& [key, i] : after) {
      const auto old = before.find(key);
      if (old == before.end()) {
        say("added", key, "");
      } else if (a.objects.sha256(old->second) != b.objects.sha256(i)) {
        say("changed",
            key,
            std::to_string(a.objects.size(old->second)) + " -> " +
                std::to_string(b.objects.size(i)) + " bytes");
      } else if (a.objects.headers(old->second) != b.objects.headers(i)) {
        std::string names;
        for (const std::string& one :
             release::differing_headers(a.objects.headers(old->second), b.objects.headers(i))) {
          names += (names.empty() ? "" : ", ") + one;
        }
        say("headers", key, names);
      }
    }
    for (const auto& [key, i] : before) {
      if (after.find(key) == after.end()) {
        say("removed", key, "");
      }
    }
    if (lines.empty()) {
      ctx.answer(heading(in_, target) + "the two are the same");
    }
    all[target] = std::move(lines);
  }
  ctx.set_output("changes", to_text(all));
}

}  // namespace deployflow::stages
