#include "plugins/host/base/text.hpp"
#include "plugins/host/load/registry.hpp"

#include <spdlog/fmt/fmt.h>

namespace deployflow::load {
namespace {

constexpr std::string_view k_path_variable = "DEPLOYFLOW_PLUGIN_PATH";

Result<void> add_path_entries(const std::string& value, std::vector<Folder>& out) {
  for (std::size_t start = 0; start <= value.size();) {
    const std::size_t end = std::min(value.find(':', start), value.size());
    const std::string entry = value.substr(start, end - start);
    if (entry.empty() || entry.front() != '/') {
      return Error{Errc::config,
                   fmt::format("{} has the entry \"{}\"; each must be an absolute path",
                               k_path_variable,
                               printable(entry)),
                   "separate full paths by ':'"};
    }
    out.push_back({entry, std::string(k_path_variable), false});
    start = end + 1;
  }
  return {};
}

std::string user_folder(const Environment& environment) {
  const auto data_home = environment("XDG_DATA_HOME");
  if (data_home && data_home->starts_with('/')) {  // the specification ignores relative ones
    return *data_home + "/deployflow/plugins";
  }
  const auto home = environment("HOME");
  return home && home->starts_with('/') ? *home + "/.local/share/deployflow/plugins"
                                        : std::string();
}

}  // namespace

Result<std::vector<Folder>> plugin_folders(const Environment& environment,
                                           const std::string& executable) {
  std::vector<Folder> out;
  const auto path = environment(k_path_variable);
  if (path && !path->empty()) {
    TRY(add_path_entries(*path, out));
  }
  if (std::string user = user_folder(environment); !user.empty()) {
    out.push_back({std::move(user), "the user's folder", false});
  }
  // <prefix>/bin/deployflow -> <prefix>/lib/deployflow/plugins, in a build tree as in any install
  // prefix
  const std::size_t name = executable.rfind('/');
  const std::size_t bin =
      name == std::string::npos || name == 0 ? std::string::npos : executable.rfind('/', name - 1);
  if (bin != std::string::npos) {
    out.push_back({executable.substr(0, bin) + "/lib/deployflow/plugins", "shipped", true});
  }
  return out;
}

}  // namespace deployflow::load
