#include "stages/validate/external_rules.hpp"

#include "stages/validate/markup.hpp"
#include "stages/validate/other_places.hpp"
#include "stages/validate/url_pattern.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace deployflow::validate {
namespace {

constexpr std::size_t k_most_shown = 120;  // bytes of an address

std::string_view name_of_status(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 8> k_names{
      {{400, " Bad Request"},
       {401, " Unauthorized"},
       {403, " Forbidden"},
       {404, " Not Found"},
       {410, " Gone"},
       {429, " Too Many Requests"},
       {500, " Internal Server Error"},
       {503, " Service Unavailable"}}};
  const auto* found = std::ranges::find(k_names, status, &std::pair<int, std::string_view>::first);
  return found != k_names.end() ? found->second : std::string_view();
}

struct Verdict {
  const Rule* rule = nullptr;  // null = nothing to say
  Severity severity = Severity::warning;
  std::string what;  // clause behind the address
  std::string hint;
};

Verdict wrong(std::string what, std::string hint = {}) {
  return {&rules::k_link_external, Severity::warning, std::move(what), std::move(hint)};
}

Verdict may_pass(std::string what) {
  return {&rules::k_link_external, Severity::info, std::move(what), "it may be there another time"};
}

Verdict verdict_of_status(const WebAnswer& answer,
                          std::string_view url,
                          const StatusList& accepted) {
  if (accepted.has(answer.status)) {
    if (answer.moved_to.empty() || answer.moved_to == url) {
      return {};
    }
    return {&rules::k_link_moved,
            rules::k_link_moved.severity,
            "moved for good to " + shortened(answer.moved_to, k_most_shown),
            "link there"};
  }
  const std::string status =
      "the answer is " + std::to_string(answer.status) + std::string(name_of_status(answer.status));
  constexpr int k_too_many = 429, k_first_server_error = 500, k_last_server_error = 599;
  if (answer.status == k_too_many ||
      (answer.status >= k_first_server_error && answer.status <= k_last_server_error)) {
    return may_pass(status);
  }
  return wrong(status, "if that is as it should be, name it in external_accept or external_deny");
}

Verdict verdict_of(const WebAnswer& answer, std::string_view url, const StatusList& accepted) {
  const std::string host = shortened(host_of(url), k_most_shown);
  switch (answer.trouble) {
    case WebTrouble::none:
      return verdict_of_status(answer, url, accepted);
    case WebTrouble::bad_url:
      return wrong("no address that can be asked");
    case WebTrouble::unresolved:
      return wrong("there is no host " + host);
    case WebTrouble::refused:
      return wrong("nobody listens at " + host);
    case WebTrouble::tls:
      return wrong("no secure connection: " + shortened(answer.message, k_most_shown));
    case WebTrouble::unreachable:
      return may_pass(host + " cannot be reached");
    case WebTrouble::timeout:
      return may_pass("no answer in time");
    case WebTrouble::closed:
      return may_pass("the connection was closed before an answer");
    case WebTrouble::redirects:
      return may_pass(answer.message.empty() ? "it redirects without end" : answer.message);
    case WebTrouble::other:
      return may_pass("no answer that is HTTP");
    case WebTrouble::not_public:
      return {&rules::k_link_private,
              rules::k_link_private.severity,
              "an address of this machine or of a private network",
              "visitors do not reach it; with external_private: true it is asked"};
  }
  return {};
}

}  // namespace

std::vector<FileFinding> judge_external(const SiteIndex& index,
                                        std::span<const ExternalLink> links,
                                        std::span<const std::optional<WebAnswer>> answers,
                                        const ExternalSettings& settings) {
  std::vector<FileFinding> out;
  for (std::size_t i = 0; i < links.size(); ++i) {
    const ExternalLink& link = links[i];
    if (!answers[i]) {
      continue;
    }
    Verdict verdict = verdict_of(*answers[i], link.url, settings.accepted);
    if (verdict.rule == nullptr) {
      continue;
    }
    const BrokenTarget::Place& first = link.places.front();
    Finding finding = finding_of(*verdict.rule,
                                 std::string(reference_noun(first.reference->kind)) + " " +
                                     shortened(link.url, k_most_shown) + ": " + verdict.what +
                                     other_places(index, link.places, link.count),
                                 std::move(verdict.hint),
                                 {first.reference->line, first.reference->column});
    finding.severity = verdict.severity;
    out.push_back({first.file, std::move(finding)});
  }
  return out;
}

Finding no_network(std::size_t hosts, std::string_view one_of_them) {
  return finding_of(
      rules::k_link_unreachable,
      hosts == 1
          ? shortened(one_of_them, k_most_shown) +
                " cannot be reached, and no other host was asked: no outside link was checked"
          : "none of " + std::to_string(hosts) +
                " hosts can be reached: no outside link was checked",
      "is this machine online? A proxy is named by https_proxy and http_proxy");
}

}  // namespace deployflow::validate
