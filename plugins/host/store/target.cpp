#include "plugins/host/store/target.hpp"

#include "plugins/host/store/uri.hpp"

namespace deployflow::store {

void move_below(TargetConfig& config, std::string_view folder) {
  config.prefix += folder;
  if (config.state) {
    config.state->prefix += folder;
  }
  config.url += config.url.empty() ? "" : encode_path(folder);
}

}  // namespace deployflow::store
