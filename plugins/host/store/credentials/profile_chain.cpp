#include "plugins/host/store/credentials/profile_chain.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace deployflow::store {
namespace {

constexpr std::uint32_t k_shortest_session = 900;
constexpr std::uint32_t k_longest_session = 43'200;

template <class... Args>
Error wrong(const std::string& profile, fmt::format_string<Args...> what, Args&&... args) {
  return {Errc::auth,
          fmt::format(
              "profile {} {}", printable(profile), fmt::format(what, std::forward<Args>(args)...))};
}

struct Section {
  const std::string& name;
  const Properties& properties;

  [[nodiscard]] std::string get(const std::string& property) const {
    return property_of(properties, property);
  }
  [[nodiscard]] bool has(const std::string& property) const { return !get(property).empty(); }
};

Result<std::optional<StaticKeys>> static_keys(const Section& profile) {
  StaticKeys out{profile.name,
                 profile.get("aws_access_key_id"),
                 Secret(profile.get("aws_secret_access_key")),
                 Secret(profile.get("aws_session_token"))};
  if (out.key_id.empty() && out.secret.empty()) {
    return std::optional<StaticKeys>();
  }
  if (out.key_id.empty() || out.secret.empty()) {
    const bool lacks_id = out.key_id.empty();
    return wrong(profile.name,
                 "has {}, but not {}",
                 lacks_id ? "aws_secret_access_key" : "aws_access_key_id",
                 lacks_id ? "aws_access_key_id" : "aws_secret_access_key");
  }
  return std::optional(std::move(out));
}

Result<NamedSource> named_source(const Section& profile) {
  const std::string name = profile.get("credential_source");
  if (name == "Environment") {
    return NamedSource::environment;
  }
  if (name == "Ec2InstanceMetadata") {
    return NamedSource::instance_metadata;
  }
  if (name == "EcsContainer") {
    return NamedSource::container;
  }
  return wrong(profile.name,
               "has a credential_source that is none of Environment, Ec2InstanceMetadata and "
               "EcsContainer: {}",
               printable(name));
}

Result<WebIdentity> web_identity(const Section& profile) {
  if (!profile.has("role_arn")) {
    return wrong(profile.name, "has web_identity_token_file, but not role_arn");
  }
  return WebIdentity{profile.name,
                     profile.get("role_arn"),
                     profile.get("web_identity_token_file"),
                     profile.get("role_session_name")};
}

bool is_sso(const Section& profile) {
  for (const char* property :
       {"sso_session", "sso_start_url", "sso_account_id", "sso_role_name", "sso_region"}) {
    if (profile.has(property)) {
      return true;
    }
  }
  return false;
}

// With a session, start URL and region stand there; the profile may only repeat them.
Result<std::string> sso_setting(const Section& profile,
                                const Properties* session,
                                const std::string& property) {
  const std::string own = profile.get(property);
  if (session == nullptr) {
    if (own.empty()) {
      return wrong(profile.name, "uses SSO, but has no {}", property);
    }
    return own;
  }
  const std::string shared = property_of(*session, property);
  if (shared.empty() || (!own.empty() && own != shared)) {
    return wrong(profile.name,
                 "needs {} in the [sso-session {}] that it names{}",
                 property,
                 printable(profile.get("sso_session")),
                 own.empty() ? "" : ", and the same or none of its own");
  }
  return shared;
}

Result<SsoRole> sso_role(const Profiles& profiles, const Section& profile) {
  SsoRole out{profile.name,
              profile.get("sso_session"),
              {},
              {},
              profile.get("sso_account_id"),
              profile.get("sso_role_name")};
  if (out.account_id.empty() != out.role_name.empty()) {
    return wrong(profile.name,
                 "has {}, but not {}",
                 out.account_id.empty() ? "sso_role_name" : "sso_account_id",
                 out.account_id.empty() ? "sso_account_id" : "sso_role_name");
  }
  const Properties* session = nullptr;
  if (!out.session.empty()) {
    const auto found = profiles.merged.sso_sessions.find(out.session);
    if (found == profiles.merged.sso_sessions.end()) {
      return wrong(profile.name,
                   "names [sso-session {}], which is not in {}",
                   printable(out.session),
                   profiles.config_path);
    }
    session = &found->second;
  }
  TRY_ASSIGN(out.start_url, sso_setting(profile, session, "sso_start_url"));
  TRY_ASSIGN(out.region, sso_setting(profile, session, "sso_region"));
  return out;
}

using Base = std::optional<KeyBase>;

/// nullopt = no way to get a key.
Result<Base> base_of(const Profiles& profiles, const Section& profile) {
  if (profile.has("credential_source")) {
    TRY_ASSIGN(const NamedSource source, named_source(profile));
    return Base(source);
  }
  if (profile.has("web_identity_token_file")) {
    TRY_ASSIGN(WebIdentity identity, web_identity(profile));
    return Base(std::move(identity));
  }
  if (is_sso(profile)) {
    TRY_ASSIGN(SsoRole role, sso_role(profiles, profile));
    return Base(std::move(role));
  }
  if (profile.has("login_session")) {
    return wrong(profile.name,
                 "gets its keys by console login (login_session), which deployflow does not "
                 "support");
  }
  TRY_ASSIGN(std::optional<StaticKeys> keys, static_keys(profile));
  if (keys) {
    return Base(std::move(*keys));
  }
  if (profile.has("credential_process")) {
    return Base(KeyProcess{profile.name, profile.get("credential_process")});
  }
  return Base();
}

Result<std::optional<std::uint32_t>> duration_of(const Section& profile) {
  const std::string text = profile.get("duration_seconds");
  if (text.empty()) {
    return std::optional<std::uint32_t>();
  }
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < k_shortest_session ||
      value > k_longest_session) {
    return wrong(profile.name,
                 "has a duration_seconds that is not a number from {} to {}",
                 k_shortest_session,
                 k_longest_session);
  }
  return std::optional(value);
}

Result<RoleStep> role_of(const Section& profile) {
  if (profile.has("mfa_serial")) {
    Error error = wrong(profile.name,
                        "needs a code of an MFA device (mfa_serial), and deployflow never asks");
    error.hint = "get a session with `aws sts assume-role` or another tool, and export its keys";
    return error;
  }
  TRY_ASSIGN(const std::optional<std::uint32_t> duration, duration_of(profile));
  return RoleStep{profile.name,
                  profile.get("role_arn"),
                  profile.get("role_session_name"),
                  profile.get("external_id"),
                  duration};
}

// A profile with a token file is where a chain begins, though it has a role_arn too.
bool is_step(const Section& profile) {
  return profile.has("role_arn") && !profile.has("web_identity_token_file");
}

Result<void> check_sources(const Section& profile) {
  const bool from_profile = profile.has("source_profile");
  if (from_profile && profile.has("credential_source")) {
    return wrong(profile.name, "has both source_profile and credential_source");
  }
  if (!from_profile && !profile.has("credential_source")) {
    return wrong(profile.name, "has a role_arn, but neither source_profile nor credential_source");
  }
  return {};
}

class Resolver {
 public:
  explicit Resolver(const Profiles& profiles) : profiles_(profiles) {}

  Result<std::optional<ProfileChain>> resolve(const std::string& selected) {
    TRY_ASSIGN(Base base, walk(selected));
    if (!base) {
      return std::optional<ProfileChain>();
    }
    std::reverse(roles_.begin(), roles_.end());
    return std::optional(ProfileChain{std::move(*base), std::move(roles_)});
  }

 private:
  Result<Base> walk(const std::string& selected) {
    std::string name = selected;
    std::string from;  // the profile that named it
    for (;;) {
      const auto found = profiles_.merged.profiles.find(name);
      if (found == profiles_.merged.profiles.end()) {
        return missing(name, from);
      }
      const Section profile{found->first, found->second};
      if (!seen_.insert(name).second) {
        return wrong(
            selected, "gets its key in a circle: source_profile leads back to {}", printable(name));
      }
      if (!from.empty()) {
        // The key of a source profile is its own, whatever role it may assume besides.
        if (auto keys = static_keys(profile); keys.ok() && *keys) {
          return Base(std::move(**keys));
        }
      }
      if (!is_step(profile)) {
        return named_base(profile, from);
      }
      TRY(check_sources(profile));
      TRY_ASSIGN(RoleStep step, role_of(profile));
      roles_.push_back(std::move(step));
      if (profile.has("credential_source")) {
        return base_of(profiles_, profile);
      }
      from = name;
      name = profile.get("source_profile");
      if (name == from) {  // its own key, then its role
        return own_key(profile);
      }
    }
  }

  [[nodiscard]] Result<Base> missing(const std::string& name, const std::string& from) const {
    if (!from.empty()) {
      return wrong(from, "has the source_profile {}, which there is not", printable(name));
    }
    if (name == "default") {
      return Base();
    }
    return no_such_profile(name, profiles_);
  }

  [[nodiscard]] Result<Base> named_base(const Section& profile, const std::string& from) const {
    TRY_ASSIGN(Base base, base_of(profiles_, profile));
    if (!base && !from.empty()) {
      return wrong(profile.name, "is the source_profile of {}, but has no key", printable(from));
    }
    return base;
  }

  [[nodiscard]] Result<Base> own_key(const Section& profile) const {
    TRY_ASSIGN(Base base, base_of(profiles_, profile));
    if (!base) {
      return wrong(profile.name, "is its own source_profile, but has no key");
    }
    return base;
  }

  const Profiles& profiles_;
  std::set<std::string> seen_;
  std::vector<RoleStep> roles_;  // the selected profile's first
};

}  // namespace

Result<std::optional<ProfileChain>> resolve_profile_chain(const Profiles& profiles,
                                                          const std::string& selected) {
  return Resolver(profiles).resolve(selected);
}

}  // namespace deployflow::store
