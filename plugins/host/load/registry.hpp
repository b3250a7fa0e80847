// The stage types that a run can use: found, loaded and checked; names resolved to types.
//
// Where a name is looked up, in this order:
//   1. --plugin FILE and the pipeline's `plugins:`, loaded when named; two that offer one name are
//   an error.
//   2. the folders of DEPLOYFLOW_PLUGIN_PATH, then the user's folder: "acme/x" is looked for in
//      acme.dfstage.so; the first folder that has the file decides.
//   3. the folder that came with the executable. Names without '/' are looked for only here, so
//   that no
//      plugin can take the place of a stage that ships.

#pragma once

#include "plugins/host/base/environment.hpp"
#include "plugins/host/base/result.hpp"
#include "plugins/host/load/dynamic_library.hpp"
#include "plugins/host/load/plugin_table.hpp"

#include <deployflow/stage.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace deployflow::load {

/// One stage type of a loaded plugin. Its tables live until the process ends: plugins are never
/// unloaded.
struct StageType {
  const df_stage* table = nullptr;
  const df_plugin* plugin = nullptr;
  std::string file;  // absolute path of the shared object
  std::string
      origin;  // for people: "--plugin", "pipeline.yaml:4:5", "DEPLOYFLOW_PLUGIN_PATH", "shipped"

  [[nodiscard]] std::string_view name() const { return table->name; }
};

struct Folder {
  std::string path;  // absolute
  std::string origin;
  bool shipped = false;
};

/// The folders of steps 2 and 3. `executable`: absolute path of the running program.
/// Errors: `config` for an empty or relative entry in DEPLOYFLOW_PLUGIN_PATH.
Result<std::vector<Folder>> plugin_folders(const Environment& environment,
                                           const std::string& executable);

/// One thread.
class Registry {
 public:
  explicit Registry(std::vector<Folder> folders);

  /// Load a plugin file that was named. Errors: `plugin`, saying what, where, why and what to do.
  Result<void> load_file(const std::string& path, const std::string& origin);

  /// The type that `uses: name` means. The pointer stays valid. Errors: `plugin`; `config` with the
  /// nearest names when there is none.
  Result<const StageType*> resolve(std::string_view name);

  /// Load whatever lies in the folders, for `deployflow stages`. Returns a failure for each file
  /// that could not be loaded; the others are there.
  std::vector<Error> load_folders();

  [[nodiscard]] std::vector<const StageType*> types() const;  // in order of name

 private:
  Result<void> add(const std::string& path, Trust trust, const std::string& origin);
  Result<void> load_shipped();
  Result<void> load_from_folders(std::string_view name);
  [[nodiscard]] const StageType* find(std::string_view name) const;
  [[nodiscard]] Error unknown(std::string_view name) const;

  std::vector<Folder> folders_;
  std::deque<PluginTable> tables_;  // a deque: pointers into it stay valid
  std::vector<std::unique_ptr<StageType>> types_;
  std::vector<std::string> loaded_;  // files, so that none is loaded twice
  bool shipped_loaded_ = false;
};

}  // namespace deployflow::load
