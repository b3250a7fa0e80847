#include "plugins/host/load/registry.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>

using deployflow::Environment;
using deployflow::Errc;
using deployflow::load::plugin_folders;

namespace {

Environment environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(std::string(name));
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

}  // namespace

TEST_CASE("folders come in order: the path variable, the user's, the executable's own prefix") {
  const auto folders =
      plugin_folders(environment({{"DEPLOYFLOW_PLUGIN_PATH", "/one:/two"}, {"HOME", "/home/me"}}),
                     "/opt/df/bin/deployflow");
  REQUIRE(folders.ok());
  REQUIRE(folders->size() == 4);
  CHECK((*folders)[0].path == "/one");
  CHECK((*folders)[1].path == "/two");
  CHECK((*folders)[2].path == "/home/me/.local/share/deployflow/plugins");
  CHECK((*folders)[3].path == "/opt/df/lib/deployflow/plugins");
  CHECK((*folders)[3].shipped);
  CHECK_FALSE((*folders)[2].shipped);
}

TEST_CASE("XDG_DATA_HOME moves the user's folder") {
  const auto folders = plugin_folders(
      environment({{"XDG_DATA_HOME", "/data"}, {"HOME", "/home/me"}}), "/usr/bin/deployflow");
  CHECK((*folders)[0].path == "/data/deployflow/plugins");
}

TEST_CASE("an empty or relative entry in the path variable is an error, never the current folder") {
  for (const char* value : {":/a", "/a:", "/a::/b", "plugins", "./x"}) {
    INFO(value);
    const auto folders =
        plugin_folders(environment({{"DEPLOYFLOW_PLUGIN_PATH", value}}), "/usr/bin/deployflow");
    REQUIRE_FALSE(folders.ok());
    CHECK(folders.error().code == Errc::config);
  }
}
