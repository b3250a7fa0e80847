#include "plugins/host/pipeline/state_rules.hpp"

#include "plugins/host/pipeline/check.hpp"

#include <spdlog/fmt/fmt.h>

#include <optional>
#include <string>
#include <utility>

namespace deployflow::pipeline {
namespace {

using store::StatePlace;
using store::TargetConfig;

// Of two targets without an endpoint, the profile may name it.
bool is_same_endpoint(const TargetConfig& a, const TargetConfig& b) {
  return a.endpoint == b.endpoint && (!a.endpoint.empty() || a.profile == b.profile);
}

bool is_same_site(const TargetConfig& a, const TargetConfig& b) {
  return a.bucket == b.bucket && a.prefix == b.prefix;
}

// Would a listing of the site show it? What is below the site's own reserved folder is not shown.
bool is_in_site(const StatePlace& state, const TargetConfig& site) {
  const std::string folder = state.prefix + std::string(store::k_reserved);
  return state.bucket == site.bucket && folder.starts_with(site.prefix) &&
         !folder.starts_with(site.prefix + std::string(store::k_reserved));
}

struct Complaint {
  std::string message;
  std::string hint;
};

// `other` may be the target itself.
std::optional<Complaint> complaint_about(const TargetConfig& target, const TargetConfig& other) {
  const bool is_itself = &target == &other;
  const std::string name = fmt::format("target \"{}\"", other.name);
  if (is_in_site(*target.state, other)) {
    return Complaint{fmt::format("lies among the files of {}", is_itself ? "the site" : name),
                     "name another bucket, or a prefix that no site's keys start with"};
  }
  const bool is_one_place = *target.state == other.state_place();
  if (is_itself || is_one_place == is_same_site(target, other)) {
    return std::nullopt;
  }
  if (is_one_place) {
    return Complaint{
        fmt::format("is that of {} as well: each would take the other's releases for its own",
                    name),
        "give each a prefix of its own"};
  }
  return Complaint{
      fmt::format("is not that of {}, which is the same site: two deployments would not be kept "
                  "apart",
                  name),
      "name the same `state` in both"};
}

}  // namespace

void check_states(const std::vector<Target>& targets, const Value& written, Diagnostics& out) {
  for (const Target& target : targets) {
    const TargetConfig& config = target.config;
    if (!config.state) {
      continue;
    }
    for (const Target& other : targets) {
      const auto complaint = is_same_endpoint(config, other.config)
                                 ? complaint_about(config, other.config)
                                 : std::nullopt;
      if (complaint) {
        const std::string label = key_label(key_label("targets", config.name), "state");
        out.push_back({written.find(config.name)->find("state")->at,
                       labelled(label, complaint->message),
                       complaint->hint});
        break;  // the same again, from the other's side, is said at the other
      }
    }
  }
}

}  // namespace deployflow::pipeline
