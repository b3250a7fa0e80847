// Checks what a plugin says of itself before any of its stages is used.

#pragma once

#include "plugins/host/base/result.hpp"

#include <deployflow/stage.h>

#include <string_view>
#include <vector>

namespace deployflow::load {

/// A plugin's tables in storage of our own: members that a shorter table does not have are zero.
struct PluginTable {
  df_plugin plugin{};
  std::vector<df_stage> stages;
};

/// "acme/no-big-files", or for a stage that ships "upload".
bool is_stage_name(std::string_view name);

/// Errors: `plugin`; the message starts with what is wrong, the caller adds file and place.
Result<PluginTable> check_table(const df_plugin& table);

}  // namespace deployflow::load
