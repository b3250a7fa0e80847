#include "plugins/host/store/credentials/profile.hpp"

#include "plugins/host/base/text.hpp"
#include "plugins/host/store/credentials/container.hpp"
#include "plugins/host/store/credentials/environment.hpp"
#include "plugins/host/store/credentials/instance_metadata.hpp"
#include "plugins/host/store/credentials/process.hpp"
#include "plugins/host/store/credentials/profile_chain.hpp"
#include "plugins/host/store/credentials/sso.hpp"
#include "plugins/host/store/credentials/sts.hpp"
#include "plugins/host/store/credentials/web_identity.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace deployflow::store {
namespace {

class ProfileProvider final : public CredentialsProvider {
 public:
  ProfileProvider(std::string_view wanted, ProviderTools tools)
      : name_(profile_name(wanted, tools.environment)), tools_(std::move(tools)) {}

  Result<Lookup> load() override {
    TRY_ASSIGN(const Profiles profiles, load_profiles(tools_.environment));
    TRY_ASSIGN(const std::optional<ProfileChain> chain, resolve_profile_chain(profiles, name_));
    if (!chain) {
      return nothing_there(why_nothing(profiles));
    }
    TRY_ASSIGN(
        Credentials key,
        std::visit([&](const auto& base) { return load_base(base, profiles); }, chain->base));
    for (const RoleStep& role : chain->roles) {
      TRY_ASSIGN(key, assume(role, key, profiles));
    }
    return Lookup{std::move(key), {}};
  }

 private:
  [[nodiscard]] std::string why_nothing(const Profiles& profiles) const {
    if (profiles.merged.profiles.count(name_) == 0) {
      return no_such_profile(name_, profiles).message;
    }
    return fmt::format("profile {} in {} or {} has no key and no way to get one",
                       printable(name_),
                       profiles.credentials_path,
                       profiles.config_path);
  }

  [[nodiscard]] Result<Credentials> load_base(const StaticKeys& keys,
                                              const Profiles& profiles) const {
    const auto found = profiles.credentials.profiles.find(keys.profile);
    const bool in_credentials = found != profiles.credentials.profiles.end() &&
                                found->second.count("aws_access_key_id") != 0;
    return checked_credentials(
        {.key_id = keys.key_id,
         .secret = keys.secret,
         .session_token = keys.session_token,
         .expires = {},
         .source = fmt::format("profile {} in {}",
                               printable(keys.profile),
                               in_credentials ? profiles.credentials_path : profiles.config_path)});
  }

  [[nodiscard]] Result<Credentials> load_base(const NamedSource& source,
                                              const Profiles& /*profiles*/) const {
    std::unique_ptr<CredentialsProvider> provider;
    switch (source) {
      case NamedSource::environment:
        provider = environment_provider(tools_.environment);
        break;
      case NamedSource::instance_metadata:
        provider = instance_metadata_provider(tools_);
        break;
      case NamedSource::container:
        provider = container_provider(tools_);
        break;
    }
    TRY_ASSIGN(Lookup found, provider->load());
    if (!found.credentials) {
      return Error{Errc::auth,
                   fmt::format("the credential_source of profile {} has no key: {}",
                               printable(name_),
                               found.nothing)};
    }
    return std::move(*found.credentials);
  }

  [[nodiscard]] Result<Credentials> load_base(const WebIdentity& identity,
                                              const Profiles& profiles) const {
    return load_web_identity(tools_, identity, profiles);
  }

  [[nodiscard]] Result<Credentials> load_base(const SsoRole& role, const Profiles& profiles) const {
    return load_from_sso(tools_, role, profiles);
  }

  [[nodiscard]] Result<Credentials> load_base(const KeyProcess& process,
                                              const Profiles& /*profiles*/) const {
    return load_from_process(tools_, process);
  }

  [[nodiscard]] Result<Credentials> assume(const RoleStep& role,
                                           const Credentials& with,
                                           const Profiles& profiles) const {
    TRY_ASSIGN(const ServicePlace place,
               service_place("sts",
                             "sts",
                             sts_region(role.profile, profiles, tools_.environment),
                             role.profile,
                             profiles,
                             tools_.environment));
    return assume_role(
        tools_,
        place,
        {.role_arn = role.role_arn,
         .session_name = role.session_name,
         .external_id = role.external_id,
         .duration_seconds = role.duration_seconds},
        with,
        fmt::format("role {} of profile {}", printable(role.role_arn), printable(role.profile)));
  }

  std::string name_;
  ProviderTools tools_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> profile_provider(std::string_view profile,
                                                      ProviderTools tools) {
  return std::make_unique<ProfileProvider>(profile, std::move(tools));
}

}  // namespace deployflow::store
