#include "stages/validate/ask_web.hpp"

#include "stages/validate/external_cache.hpp"
#include "stages/validate/external_check.hpp"
#include "stages/validate/external_rules.hpp"
#include "stages/validate/url_pattern.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace deployflow::validate {
namespace {

WebTrouble trouble_of(std::int32_t trouble) {
  switch (trouble) {
    case DF_WEB_BAD_URL:
      return WebTrouble::bad_url;
    case DF_WEB_UNRESOLVED:
      return WebTrouble::unresolved;
    case DF_WEB_REFUSED:
      return WebTrouble::refused;
    case DF_WEB_UNREACHABLE:
      return WebTrouble::unreachable;
    case DF_WEB_TLS:
      return WebTrouble::tls;
    case DF_WEB_TIMEOUT:
      return WebTrouble::timeout;
    case DF_WEB_CLOSED:
      return WebTrouble::closed;
    case DF_WEB_REDIRECTS:
      return WebTrouble::redirects;
    case DF_WEB_NOT_PUBLIC:
      return WebTrouble::not_public;
    default:
      return WebTrouble::other;
  }
}

class Asking {
 public:
  Asking(Ctx ctx,
         std::span<const ExternalLink> links,
         const ExternalSettings& settings,
         std::int64_t now_s)
      : ctx_(ctx), settings_(settings), now_s_(now_s), cache_(ctx.cache_dir(), now_s) {
    for (const ExternalLink& link : links) {
      urls_.push_back(link.url);
      report_.answers.push_back(cache_.find(link.url, settings.max_age_s));
      // What was good then may not be so by the options of this run.
      const auto& known = report_.answers.back();
      is_known_.push_back(known && settings.accepted.has(known->status));
    }
  }

  WebReport run() {
    ExternalCheck check(urls_, is_known_);
    try {
      ask(check);
    } catch (const Cancelled&) {
      cache_.save();  // the next run has less to ask
      throw;
    }
    cache_.save();
    const bool is_down = check.is_network_down();
    std::string_view lost;
    for (std::size_t i = 0; i < urls_.size(); ++i) {
      const auto& answer = check.answers()[i];
      if (is_known_[i]) {
        continue;
      }
      const bool is_told = answer && (!is_down || answer->trouble == WebTrouble::not_public ||
                                      answer->trouble == WebTrouble::bad_url);
      report_.answers[i] = is_told ? answer : std::nullopt;
      lost = is_told || !lost.empty() ? lost : host_of(urls_[i]);
    }
    if (is_down) {
      report_.no_network = no_network(check.lost_hosts(), lost);
    }
    return std::move(report_);
  }

 private:
  void ask(ExternalCheck& check) {
    if (std::ranges::all_of(is_known_, [](bool known) { return known; })) {
      return;
    }
    df_web_batch limits{};
    limits.flags = settings_.is_anywhere ? DF_WEB_ANYWHERE : 0;
    limits.timeout_ms = settings_.timeout_ms;
    const auto unknown = static_cast<std::uint64_t>(std::ranges::count(is_known_, false));
    ctx_.web().batch([&](df_web_request& request) { return fill(request, check); },
                     [&](const df_web_result& result) {
                       if (result.status != DF_CANCELLED) {
                         take(result, check);
                         ctx_.progress(check.answered(), unknown, 0, 0, "outside links");
                       }
                     },
                     limits);
  }

  df_status fill(df_web_request& request, ExternalCheck& check) const {
    ExternalCheck::Question question;
    switch (check.next(question)) {
      case ExternalCheck::Next::wait:
        return DF_AGAIN;
      case ExternalCheck::Next::end:
        return DF_NOT_FOUND;
      case ExternalCheck::Next::ask:
        break;
    }
    const bool is_head = question.method == ExternalCheck::Method::head;
    request.method = is_head ? DF_WEB_HEAD : DF_WEB_GET;
    request.url = cs(urls_[question.link]);
    request.tag = 2 * question.link + (is_head ? 0U : 1U);
    return DF_OK;
  }

  void take(const df_web_result& result, ExternalCheck& check) {
    WebAnswer answer;
    answer.status = result.http_status;
    answer.trouble = result.status == DF_OK ? WebTrouble::none : trouble_of(result.trouble);
    answer.moved_to = sv(result.moved_to);
    answer.message = sv(result.message);
    answer.asked_s = now_s_;
    const auto link = static_cast<std::size_t>(result.tag / 2);
    if (answer.trouble == WebTrouble::none && settings_.accepted.has(answer.status)) {
      cache_.keep(urls_[link], answer);
    }
    check.take(
        {link, result.tag % 2 == 0 ? ExternalCheck::Method::head : ExternalCheck::Method::get},
        std::move(answer));
  }

  Ctx ctx_;
  const ExternalSettings& settings_;
  std::int64_t now_s_;
  ExternalCache cache_;
  std::vector<std::string_view> urls_;
  std::vector<bool> is_known_;
  WebReport report_;
};

}  // namespace

WebReport ask_web(Ctx ctx,
                  std::span<const ExternalLink> links,
                  const ExternalSettings& settings,
                  std::int64_t now_s) {
  return Asking(ctx, links, settings, now_s).run();
}

}  // namespace deployflow::validate
