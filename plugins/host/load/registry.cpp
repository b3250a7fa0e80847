#include "plugins/host/load/registry.hpp"

#include "plugins/host/base/text.hpp"

#include <dirent.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace deployflow::load {
namespace {

constexpr std::string_view k_suffix = ".dfstage.so";

/// The plugin files in a folder, in order of name; none if there is no such folder.
std::vector<std::string> plugin_files(const std::string& folder) {
  std::vector<std::string> out;
  DIR* dir = ::opendir(folder.c_str());
  if (dir == nullptr) {
    return out;
  }
  while (const dirent* entry = ::readdir(dir)) {
    const std::string_view name(entry->d_name);
    if (name.size() > k_suffix.size() && name.ends_with(k_suffix)) {
      out.push_back(folder + "/" + std::string(name));
    }
  }
  ::closedir(dir);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

Registry::Registry(std::vector<Folder> folders) : folders_(std::move(folders)) {}

Result<void> Registry::load_file(const std::string& path, const std::string& origin) {
  return add(path, Trust::named, origin);
}

Result<void> Registry::add(const std::string& path, Trust trust, const std::string& origin) {
  if (std::find(loaded_.begin(), loaded_.end(), path) != loaded_.end()) {
    return {};
  }
  TRY_ASSIGN(const df_plugin* plugin, load_plugin(path, trust, origin));
  const auto with_place = [&](Error error) {
    error.message = fmt::format(
        "cannot load plugin {} ({}): {}", printable(path), printable(origin), error.message);
    return error;
  };
  auto checked = check_table(*plugin);
  if (!checked) {
    return with_place(std::move(checked.error()));
  }
  for (const df_stage& stage : checked->stages) {
    const std::string_view name(stage.name);
    if (trust != Trust::shipped && name.find('/') == std::string_view::npos) {
      return with_place(
          {Errc::plugin,
           fmt::format("its stage \"{}\" has no '/' in its name; such names belong to deployflow",
                       name),
           "name it like acme/" + std::string(name)});
    }
    if (const StageType* other = find(name)) {
      return with_place({Errc::plugin,
                         fmt::format("its stage {} is also offered by {} ({})",
                                     name,
                                     printable(other->file),
                                     printable(other->origin)),
                         "name only one of the two"});
    }
  }
  tables_.push_back(std::move(checked).value());
  loaded_.push_back(path);
  const PluginTable& table = tables_.back();
  for (const df_stage& stage : table.stages) {
    types_.push_back(std::make_unique<StageType>(StageType{&stage, &table.plugin, path, origin}));
  }
  return {};
}

Result<const StageType*> Registry::resolve(std::string_view name) {
  if (const StageType* type = find(name)) {
    return type;
  }
  if (!is_stage_name(name)) {
    return Error{Errc::config,
                 fmt::format("\"{}\" is no stage name", printable(name)),
                 "names are like upload or acme/no-big-files"};
  }
  if (name.find('/') == std::string_view::npos) {
    TRY(load_shipped());
  } else {
    TRY(load_from_folders(name));
  }
  if (const StageType* type = find(name)) {
    return type;
  }
  return unknown(name);
}

Result<void> Registry::load_shipped() {
  if (std::exchange(shipped_loaded_, true)) {
    return {};
  }
  for (const Folder& folder : folders_) {
    if (folder.shipped) {
      for (const std::string& file : plugin_files(folder.path)) {
        TRY(add(file, Trust::shipped, folder.origin));
      }
    }
  }
  return {};
}

Result<void> Registry::load_from_folders(std::string_view name) {
  const std::string file =
      "/" + std::string(name.substr(0, name.find('/'))) + std::string(k_suffix);
  for (const Folder& folder : folders_) {
    const std::string path = folder.path + file;
    if (::access(path.c_str(), F_OK) == 0) {
      return add(path, folder.shipped ? Trust::shipped : Trust::folder, folder.origin);
    }
  }
  return {};
}

Error Registry::unknown(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& type : types_) {
    names.emplace_back(type->name());
  }
  if (const auto near = nearest(name, names)) {
    return {Errc::config,
            fmt::format("there is no stage \"{}\"", name),
            fmt::format("did you mean \"{}\"?", *near)};
  }
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) {
    return {Errc::config,
            fmt::format("there is no stage \"{}\"", name),
            "`deployflow stages` lists those that there are"};
  }
  std::string places;
  for (const Folder& folder : folders_) {
    places += (places.empty() ? "" : ", ") + printable(folder.path);
  }
  return {Errc::config,
          fmt::format("there is no stage \"{}\"", name),
          fmt::format("name its plugin in `plugins:` or with --plugin, or put {}{} into one of: {}",
                      name.substr(0, slash),
                      k_suffix,
                      places)};
}

std::vector<Error> Registry::load_folders() {
  std::vector<Error> failures;
  for (const Folder& folder : folders_) {
    for (const std::string& file : plugin_files(folder.path)) {
      const auto loaded = add(file, folder.shipped ? Trust::shipped : Trust::folder, folder.origin);
      if (!loaded) {
        failures.push_back(loaded.error());
      }
    }
  }
  shipped_loaded_ = true;
  return failures;
}

std::vector<const StageType*> Registry::types() const {
  std::vector<const StageType*> out;
  out.reserve(types_.size());
  for (const auto& type : types_) {
    out.push_back(type.get());
  }
  std::sort(out.begin(), out.end(), [](const StageType* a, const StageType* b) {
    return a->name() < b->name();
  });
  return out;
}

const StageType* Registry::find(std::string_view name) const {
  for (const auto& type : types_) {
    if (type->name() == name) {
      return type.get();
    }
  }
  return nullptr;
}

}  // namespace deployflow::load
