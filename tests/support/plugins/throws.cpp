// Throws out of process(): the wall in stage.hpp must turn it into a finding and a status.
#include <deployflow/stage.hpp>

namespace {

struct Throws {
  static constexpr auto name = "acme/throws", version = "1.0.0", summary = "a plugin of the tests";
  static constexpr const char* options = nullptr;
  static constexpr std::uint32_t caps = DF_CAP_PARALLEL;
  void configure(deployflow::Ctx, deployflow::Options) {}
  void process(deployflow::Ctx, const deployflow::Artifact& artifact) const {
    throw std::runtime_error("thrown over " + std::string(artifact.key()));
  }
};

}  // namespace

DEPLOYFLOW_PLUGIN("acme", "1.0.0", "Apache-2.0", Throws)
