#include "plugins/host/store/credentials/make_credentials.hpp"

#include "plugins/host/store/credentials/chain.hpp"
#include "plugins/host/store/credentials/container.hpp"
#include "plugins/host/store/credentials/environment.hpp"
#include "plugins/host/store/credentials/github_oidc.hpp"
#include "plugins/host/store/credentials/instance_metadata.hpp"
#include "plugins/host/store/credentials/profile.hpp"
#include "plugins/host/store/credentials/web_identity.hpp"

#include <utility>
#include <vector>

namespace deployflow::store {
namespace {

class AnonymousSource final : public CredentialsSource {
 public:
  void get(std::function<void(Result<std::optional<Credentials>>)> done) override {
    done(std::optional<Credentials>());
  }
  void refused(const std::string& /*key_id*/) override {}
};

}  // namespace

std::shared_ptr<CredentialsSource> make_credentials(const TargetConfig& target,
                                                    const ProviderTools& tools,
                                                    CredentialsThreads threads) {
  if (target.anonymous) {
    return std::make_shared<AnonymousSource>();
  }
  std::vector<std::unique_ptr<CredentialsProvider>> providers;
  if (!target.profile.empty()) {
    providers.push_back(profile_provider(target.profile, tools));
  } else {
    providers.push_back(environment_provider(tools.environment));
    providers.push_back(profile_provider("", tools));
    providers.push_back(web_identity_provider(tools));
    providers.push_back(github_oidc_provider(tools));
    providers.push_back(container_provider(tools));
    providers.push_back(instance_metadata_provider(tools));
  }
  return std::make_shared<CachedSource>(
      chain_provider(std::move(providers)), *tools.clock, std::move(threads));
}

}  // namespace deployflow::store
