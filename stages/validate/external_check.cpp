#include "stages/validate/external_check.hpp"

#include "stages/validate/url_pattern.hpp"

#include <map>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_lost_enough = 20;  // hosts in a row, and nobody has answered

bool is_lost(WebTrouble trouble) {
  return trouble == WebTrouble::unresolved || trouble == WebTrouble::refused ||
         trouble == WebTrouble::unreachable;
}

// Says HEAD nothing about GET? 429 does: the server wants to be left alone.
bool needs_get(const WebAnswer& answer) {
  constexpr int k_first_refusal = 400, k_too_many = 429;
  return (answer.status >= k_first_refusal && answer.status != k_too_many) ||
         answer.trouble == WebTrouble::closed || answer.trouble == WebTrouble::other;
}

}  // namespace

ExternalCheck::ExternalCheck(std::span<const std::string_view> urls,
                             const std::vector<bool>& is_known)
    : urls_(urls), answers_(urls.size()) {
  std::map<std::string_view, std::deque<std::size_t>> by_host;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    if (!is_known[i]) {
      by_host[host_of(urls[i])].push_back(i);
    }
  }
  while (!by_host.empty()) {
    for (auto host = by_host.begin(); host != by_host.end();) {
      waiting_.push_back({host->second.front(), Method::head});
      host->second.pop_front();
      host = host->second.empty() ? by_host.erase(host) : std::next(host);
    }
  }
}

ExternalCheck::Next ExternalCheck::next(Question& question) {
  if (!is_reached_ && lost_.size() >= k_lost_enough) {
    return Next::end;
  }
  if (waiting_.empty()) {
    return in_flight_ == 0 ? Next::end : Next::wait;
  }
  question = waiting_.front();
  waiting_.pop_front();
  ++in_flight_;
  asked_ += question.method == Method::head ? 1U : 0U;
  return Next::ask;
}

void ExternalCheck::take(const Question& question, WebAnswer answer) {
  --in_flight_;
  if (is_lost(answer.trouble)) {
    lost_.insert(host_of(urls_[question.link]));
  } else if (answer.trouble != WebTrouble::not_public && answer.trouble != WebTrouble::bad_url) {
    is_reached_ = true;
  }
  if (question.method == Method::head && needs_get(answer)) {
    waiting_.push_front({question.link, Method::get});
    return;
  }
  ++answered_;
  answers_[question.link] = std::move(answer);
}

bool ExternalCheck::is_network_down() const {
  return !is_reached_ && !lost_.empty();
}

}  // namespace deployflow::validate
