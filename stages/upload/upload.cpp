#include "stages/upload/upload.hpp"

#include "stages/release/engine.hpp"
#include "stages/upload/site.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

namespace deployflow::stages {
namespace {

/// A name that a store would refuse is told before the first byte is sent, and all of them at once.
void check_names(Ctx ctx, const df_target_info& target, const release::Inventory& site) {
  constexpr std::size_t k_longest = 1024;
  bool good = true;
  for (std::size_t i = 0; i < site.count(); ++i) {
    const std::size_t bytes = target.prefix.n + site.key(i).size();
    if (bytes > k_longest) {
      good = false;
      ctx.error("upload/key-too-long",
                "with the prefix of the target the key has " + std::to_string(bytes) +
                    " bytes; stores take at most 1,024")
          .on(site.id(i))
          .hint("shorten the name or the prefix");
    }
  }
  if (!good) {
    throw Failure{DF_FAILED, ""};
  }
}

/// How long a preview lives; 0 = for ever. What is under a second is one.
std::chrono::seconds read_life(Ctx ctx, const Options& given) {
  if (ctx.host()->value_kind(ctx.raw(), given.value("expires")) == DF_STRING) {
    return std::chrono::seconds(0);  // never
  }
  return std::chrono::ceil<std::chrono::seconds>(
      std::chrono::milliseconds(given.get<std::int64_t>("expires")));
}

/// Lays bytes of an object beside those of the file.
bool is_same_as_file(Ctx ctx,
                     std::uint64_t id,
                     std::uint64_t offset,
                     const std::uint8_t* bytes,
                     std::uint64_t count) {
  std::vector<std::uint8_t> own(static_cast<std::size_t>(count));
  std::uint64_t got = 0;
  const df_status status = ctx.host()->read(ctx.raw(), id, offset, own.data(), count, &got);
  return status == DF_OK && got == count && std::memcmp(own.data(), bytes, own.size()) == 0;
}

void finish(Ctx ctx,
            const release::Engine& engine,
            const std::vector<release::Outcome>& outcomes,
            bool is_dry) {
  std::uint64_t stored = 0, kept = 0, bytes = 0, removed = 0;
  std::string behind;
  for (const release::Outcome& outcome : outcomes) {
    stored += outcome.stored;
    kept += outcome.kept;
    bytes += outcome.bytes;
    ctx.log(DF_INFO, (is_dry ? "dry run: " : "") + release::summary(outcome));
    if (!outcome.is_current()) {
      behind += (behind.empty() ? "" : "; ") + release::summary(outcome);
    }
  }
  for (const auto& deployment : engine.deployments()) {
    removed += deployment->abandoned() == DF_OK ? deployment->removed() : 0;
  }
  ctx.set_output("uploaded", std::to_string(stored));
  ctx.set_output("kept", std::to_string(kept));
  ctx.set_output("bytes", std::to_string(bytes));
  ctx.set_output("deleted", std::to_string(removed));
  if (engine.deployments().size() == 1) {
    ctx.set_output("release", "\"" + std::string(engine.deployments().front()->live_id()) + "\"");
  }
  if (const df_status status = engine.status(); status != DF_OK) {
    throw Failure{status, behind};
  }
}

}  // namespace

void Upload::configure(Ctx ctx, const Options& given) {
  to_ = given.get_texts("to");
  release_ = read_release_options(given, name);
  if (given.has("expires")) {
    life_ = read_life(ctx, given);
  }
  const auto defaults = given.get_or("header_defaults", true) ? release::HeaderRules::Defaults::on
                                                              : release::HeaderRules::Defaults::off;
  release_.order = release::GroupOrder::read(ctx, name, given.value("order"));
  headers_ = release::HeaderRules::read(ctx, name, given.value("headers"), defaults);
  website_ = read_website_option(ctx, given);
  for (auto target = to_.begin(); target != to_.end(); ++target) {
    if (std::find(to_.begin(), target, *target) != target) {
      ctx.error("upload/options", "`to` names " + *target + " twice").at(given.pos("to"));
      throw Failure{DF_BAD_OPTIONS, ""};
    }
  }
}

void Upload::run(Ctx ctx, const RunInfo& info) const {
  Site site = Site::list(ctx, headers_, release_.order);
  if (website_ && info.site_is_file == 0) {
    check_pages(ctx, *website_, site.inventory(), nullptr);
  }
  const Store store = ctx.store();
  release::Engine engine(ctx, name);
  std::map<std::string, Website> websites;
  for (const std::string& target : to_) {
    if (website_) {
      websites.emplace(target, Website(*website_, target));
    }
    check_names(ctx, store.target(target), site.inventory());
    release::DeploymentOptions deployment = release_;
    deployment.target = target;
    engine.add(std::make_unique<release::Deployment>(ctx, info, std::move(deployment)));
  }
  // What the targets hold is found out while the files are read.
  engine.all_at_once(
      [&](release::Deployment& deployment) {
        deployment.lock();
        if (life_) {
          release::mark_preview(ctx, store, deployment.target(), name, info, *life_);
        }
        deployment.read(site.inventory());
      },
      [&] { site.read(ctx); });
  engine.each([&](release::Deployment& deployment) {
    const bool is_last = &deployment == engine.deployments().back().get();
    deployment.compare(
        is_last ? site.take_catalog() : site.catalog(),
        [&](std::size_t i, std::uint64_t offset, const std::uint8_t* bytes, std::uint64_t count) {
          return is_same_as_file(ctx, site.inventory().id(i), offset, bytes, count);
        });
    deployment.check();
    if (!release_.keep_contents) {
      release::warn_without_versions(ctx, store, deployment.target(), name);
    }
    if (website_) {
      check_pages(ctx, *website_, site.inventory(), &deployment.live());
      websites.at(deployment.target()).compare(ctx, store);
    }
    if (life_) {
      deployment.draft();
    }
  });
  const std::vector<release::Outcome> outcomes = engine.deliver(store);
  engine.each([&](release::Deployment& deployment) {
    if (website_) {
      websites.at(deployment.target()).set(ctx, store);
    }
    deployment.record();
  });
  engine.each([](release::Deployment& deployment) { deployment.release(); });
  finish(ctx, engine, outcomes, info.dry_run != 0);
}

}  // namespace deployflow::stages
