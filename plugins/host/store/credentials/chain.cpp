#include "plugins/host/store/credentials/chain.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace deployflow::store {
namespace {

class ChainProvider final : public CredentialsProvider {
 public:
  explicit ChainProvider(std::vector<std::unique_ptr<CredentialsProvider>> providers)
      : providers_(std::move(providers)) {}

  Result<Lookup> load() override {
    std::string nothing;
    for (const auto& provider : providers_) {
      TRY_ASSIGN(Lookup found, provider->load());
      if (found.credentials) {
        return found;
      }
      nothing.append(nothing.empty() ? "" : "; ").append(found.nothing);
    }
    return Error{Errc::auth,
                 fmt::format("no credentials: {}", nothing),
                 "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write a profile"};
  }

 private:
  std::vector<std::unique_ptr<CredentialsProvider>> providers_;
};

}  // namespace

std::unique_ptr<CredentialsProvider> chain_provider(
    std::vector<std::unique_ptr<CredentialsProvider>> providers) {
  return std::make_unique<ChainProvider>(std::move(providers));
}

}  // namespace deployflow::store
