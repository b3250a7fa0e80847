#include "plugins/host/run/bucket_table.hpp"

#include "plugins/host/load/status.hpp"
#include "plugins/host/run/approval.hpp"
#include "plugins/host/run/stage_call.hpp"
#include "plugins/host/store/s3_errors.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow::run {
namespace {

using store::BucketAspect;

constexpr std::string_view k_website = "website";  // its name in a plan

bool has_none_of_it(const store::StoreError& error) {
  return store::is_not_offered(error.http_status, error.code_text);
}

// The status of an answer that is none we can go on with, with its finding.
df_status refused(df_ctx& call, const store::StoreError& error) {
  return has_none_of_it(error) ? DF_UNSUPPORTED : call.fail(error, "host/website");
}

df_status table_website(df_ctx* ctx, df_str target, df_website* out) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    auto opened = c.run().targets.open(view(target));
    if (!opened) {
      return c.fail(opened.error(), "host/target");
    }
    auto answer =
        store::submit_and_wait((*opened)->store(), store::GetBucketConfig{BucketAspect::website});
    if (!answer) {
      return refused(c, answer.error());
    }
    const auto& config = std::get<store::WebsiteConfig>(answer->config);
    if (!config.website) {
      return DF_NOT_FOUND;
    }
    const store::Website& site = *config.website;
    df_website info{};
    info.struct_size = out->struct_size;
    info.flags = config.has_more || !site.all_to.empty() ? DF_WEBSITE_HAS_MORE : 0;
    info.index = c.keep(site.index);
    info.error_key = site.error_key.empty() ? df_str{} : c.keep(site.error_key);
    std::copy_n(reinterpret_cast<const char*>(&info),
                std::min<std::size_t>(out->struct_size, sizeof info),
                reinterpret_cast<char*>(out));
    return DF_OK;
  });
}

df_status table_set_website(df_ctx* ctx, df_str target, const df_website* given) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    if (!c.has(DF_CAP_REMOTE_WRITE)) {
      return c.fail({Errc::auth,
                     "the stage writes without DF_CAP_REMOTE_WRITE",
                     "report it to the plugin's author"},
                    "host/website");
    }
    auto opened = c.run().targets.open(view(target));
    if (!opened) {
      return c.fail(opened.error(), "host/target");
    }
    const auto started = std::chrono::steady_clock::now();
    c.run().events.flush_plan(c.stage().id);
    Approval& approval = c.run().approval;
    if (const df_status held = approval.settle(c, {}); held != DF_OK) {
      return held;
    }
    if (!approval.allows(c.stage().id, view(target), k_website, false)) {
      return c.fail({Errc::conflict, "the website is not in the plan"}, "host/not-as-planned");
    }
    store::Website site;
    site.index = view(given->index);
    site.error_key = view(given->error_key);
    const auto answer = store::submit_and_wait(
        (*opened)->store(), store::SetBucketConfig{store::WebsiteConfig{std::move(site), false}});
    if (!answer) {
      return refused(c, answer.error());
    }
    if (!c.run().dry_run) {
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
      c.run().events.operation({c.stage().id,
                                std::string(view(target)),
                                Action::setting,
                                std::string(k_website),
                                0,
                                seconds.count()});
    }
    return DF_OK;
  });
}

df_status table_versioning(df_ctx* ctx, df_str target, std::int32_t* out) {
  return guarded(ctx, [&](df_ctx& c) -> df_status {
    auto opened = c.run().targets.open(view(target));
    if (!opened) {
      return load::to_status(opened.error().code);
    }
    const auto answer = store::submit_and_wait((*opened)->store(),
                                               store::GetBucketConfig{BucketAspect::versioning});
    if (!answer) {
      return has_none_of_it(answer.error()) ? DF_UNSUPPORTED : load::to_status(answer.error().code);
    }
    switch (std::get<store::VersioningConfig>(answer->config).versioning) {
      case store::Versioning::never:
        *out = DF_VERSIONS_NEVER;
        break;
      case store::Versioning::enabled:
        *out = DF_VERSIONS_ENABLED;
        break;
      case store::Versioning::suspended:
        *out = DF_VERSIONS_SUSPENDED;
        break;
    }
    return DF_OK;
  });
}

}  // namespace

void add_bucket_calls(df_objectstore& table) {
  table.website = table_website;
  table.set_website = table_set_website;
  table.versioning = table_versioning;
}

}  // namespace deployflow::run
