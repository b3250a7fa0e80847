#include "plugins/host/load/plugin_table.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstring>

namespace deployflow::load {
namespace {

Error broken(std::string message) {
  return {Errc::plugin, std::move(message), "report it to the plugin's author"};
}

template <class T>
T copy_table(const T& table) {
  T out{};
  std::memcpy(&out, &table, std::min<std::size_t>(table.struct_size, sizeof(T)));
  return out;
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<void> check_stage(const df_stage& stage, std::size_t index) {
  if (stage.name == nullptr || !is_stage_name(stage.name)) {
    return broken(fmt::format("stage {} is named \"{}\"; names are like acme/no-big-files",
                              index,
                              stage.name == nullptr ? "" : printable(stage.name)));
  }
  const auto lacks = [&](std::string_view what) {
    return broken(fmt::format("stage {} {}", stage.name, what));
  };
  if (stage.version == nullptr || stage.summary == nullptr) {
    return lacks("has no version or no summary");
  }
  if (stage.create == nullptr || stage.configure == nullptr || stage.destroy == nullptr) {
    return lacks("lacks create(), configure() or destroy()");
  }
  if ((stage.process == nullptr) == (stage.run == nullptr)) {
    return lacks("must have exactly one of process() and run()");
  }
  return {};
}

}  // namespace

bool is_stage_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) {
    return is_word(name);
  }
  return is_word(name.substr(0, slash)) && is_word(name.substr(slash + 1));
}

Result<PluginTable> check_table(const df_plugin& table) {
  constexpr std::uint64_t k_most_stages = 1000;
  if (table.struct_size < offsetof(df_plugin, name)) {
    return broken(fmt::format("its table says it has {} bytes", table.struct_size));
  }
  if (table.abi_minor != DF_ABI_MINOR) {  // exact while the major is 0
    return Error{Errc::plugin,
                 fmt::format("it is built for stage ABI {}.{}, this deployflow has {}.{}",
                             DF_ABI_MAJOR,
                             table.abi_minor,
                             DF_ABI_MAJOR,
                             DF_ABI_MINOR),
                 table.abi_minor > DF_ABI_MINOR
                     ? "upgrade deployflow, or use an older version of the plugin"
                     : "rebuild the plugin with this version's header"};
  }
  PluginTable out;
  out.plugin = copy_table(table);
  if (out.plugin.name == nullptr || out.plugin.version == nullptr) {
    return broken("it has no name or no version");
  }
  if (out.plugin.stages == nullptr || out.plugin.stage_count == 0 ||
      out.plugin.stage_count > k_most_stages) {
    return broken(fmt::format("it offers {} stages",
                              out.plugin.stages == nullptr ? 0 : out.plugin.stage_count));
  }
  for (std::uint64_t i = 0; i < out.plugin.stage_count; ++i) {
    if (out.plugin.stages[i] == nullptr) {
      return broken(fmt::format("stage {} is NULL", i + 1));
    }
    out.stages.push_back(copy_table(*out.plugin.stages[i]));
    TRY(check_stage(out.stages.back(), i + 1));
  }
  return out;
}

}  // namespace deployflow::load
