#include "stages/upload/website.hpp"

#include <utility>

namespace deployflow::stages {
namespace {

std::string text_of(Ctx ctx, const df_value* map, std::string_view name) {
  const df_value* value = ctx.host()->value_key(ctx.raw(), map, cs(name));
  df_str text{};
  if (value != nullptr) {
    require_ok(ctx.host()->value_str(ctx.raw(), value, &text), "string option");
  }
  return std::string(sv(text));
}

std::string in_words(std::string_view index, std::string_view error) {
  return "index " + std::string(index) + (error.empty() ? "" : ", error " + std::string(error));
}

bool is_live(const release::LiveState* live, std::string_view key) {
  if (live == nullptr || !live->live) {
    return false;
  }
  const auto found = live->live->objects.find(key);
  return found && !live->live->objects.is_leftover(*found);
}

}  // namespace

std::optional<WebsiteOption> read_website_option(Ctx ctx, const Options& given) {
  const df_value* map = given.value("website");
  if (map == nullptr) {
    return std::nullopt;
  }
  return WebsiteOption{
      text_of(ctx, map, "index"), text_of(ctx, map, "error"), given.pos("website")};
}

void check_pages(Ctx ctx,
                 const WebsiteOption& wanted,
                 const release::Inventory& site,
                 const release::LiveState* live) {
  bool good = true;
  for (const std::string* key : {&wanted.index, &wanted.error}) {
    if (!key->empty() && !site.find(*key) && !is_live(live, *key)) {
      good = false;
      ctx.error("upload/website", "`website` names " + *key + ", which the site does not have")
          .at(wanted.at)
          .hint("add that page to the site, or name another");
    }
  }
  if (!good) {
    throw Failure{DF_FAILED, ""};
  }
}

void Website::warn_no_website(Ctx ctx) const {
  ctx.warning("upload/no-website", target_ + ": the store serves no bucket as a website")
      .hint("say to what does serve it which pages are " + in_words(wanted_.index, wanted_.error) +
            ", and remove `website`");
}

void Website::compare(Ctx ctx, const Store& store) {
  if (!wanted_.error.empty()) {
    error_key_ = std::string(sv(store.target(target_).prefix)) + wanted_.error;
  }
  df_website now{};
  bool is_set = false;
  try {
    is_set = store.website(target_, now);
  } catch (const Failure& failure) {
    if (failure.status != DF_UNSUPPORTED) {
      throw;
    }
    warn_no_website(ctx);
    return;
  }
  if (is_set && sv(now.index) == wanted_.index && sv(now.error_key) == error_key_) {
    return;
  }
  if ((now.flags & DF_WEBSITE_HAS_MORE) != 0) {
    ctx.warning("upload/website-kept",
                target_ + ": the bucket's website has redirects or routing rules, which setting " +
                    in_words(wanted_.index, error_key_) + " would remove; it is left as it is")
        .hint("set these pages beside the rules, or remove the rules");
    return;
  }
  is_due_ = true;
  const std::string before =
      is_set ? "was " + in_words(sv(now.index), sv(now.error_key)) : "the bucket is no website yet";
  ctx.plan(DF_SETTING, target_, "website", 0, in_words(wanted_.index, error_key_) + "; " + before);
}

void Website::set(Ctx ctx, const Store& store) const {
  if (!is_due_) {
    return;
  }
  try {
    store.set_website(target_, wanted_.index, error_key_);
  } catch (const Failure& failure) {
    if (failure.status != DF_UNSUPPORTED) {
      throw;
    }
    warn_no_website(ctx);  // it can be asked, not set
  }
}

}  // namespace deployflow::stages
