#include "plugins/host/load/dynamic_library.hpp"

#include "plugins/host/base/file.hpp"
#include "plugins/host/base/text.hpp"

#include <dlfcn.h>
#include <errno.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

namespace deployflow::load {
namespace {

using Entry = const df_plugin* (*)();

Error load_error(const std::string& path,
                 const std::string& where,
                 const std::string& why,
                 std::string hint) {
  return {Errc::plugin,
          fmt::format("cannot load plugin {} ({}): {}", printable(path), printable(where), why),
          std::move(hint)};
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

Result<void> check_place(const std::string& path, Trust trust, const std::string& where) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) {
    return load_error(path, where, errno_text(errno), "check the path");
  }
  if (!S_ISREG(file.st_mode)) {
    return load_error(path, where, "not a regular file", "name a shared object (.dfstage.so)");
  }
  if (trust == Trust::shipped) {
    return {};
  }
  if ((file.st_mode & S_IWOTH) != 0) {
    return load_error(path, where, "everybody may write to it", "run chmod o-w on the file");
  }
  if (trust == Trust::named) {
    return {};
  }
  struct stat folder {};
  const std::string parent = parent_of(path);
  if (::stat(parent.c_str(), &folder) != 0) {
    return load_error(path, where, errno_text(errno), "check the path");
  }
  const auto ours = [](const struct stat& s) { return s.st_uid == 0 || s.st_uid == ::geteuid(); };
  if (!ours(file) || !ours(folder)) {
    return load_error(path,
                      where,
                      "the file or its folder belongs to another user",
                      "name the file with --plugin if you trust it");
  }
  if ((folder.st_mode & S_IWOTH) != 0) {
    return load_error(
        path, where, "everybody may write to its folder", "run chmod o-w on the folder");
  }
  return {};
}

std::string last_dl_error() {
  const char* text = ::dlerror();
  return text != nullptr ? printable(text) : std::string("unknown dlopen error");
}

/// Says so if the file is a plugin for another major of the ABI.
std::string other_major(void* library) {
  for (unsigned major = DF_ABI_MAJOR + 1; major < DF_ABI_MAJOR + 10; ++major) {
    const std::string symbol = fmt::format("deployflow_stages_v{}", major);
    if (::dlsym(library, symbol.c_str()) != nullptr) {
      return fmt::format("it is built for stage ABI {}.x, this deployflow has {}.{}",
                         major,
                         DF_ABI_MAJOR,
                         DF_ABI_MINOR);
    }
  }
  return {};
}

}  // namespace

Result<const df_plugin*> load_plugin(const std::string& path,
                                     Trust trust,
                                     const std::string& where) {
  if (path.empty() || path.front() != '/') {
    return load_error(path, where, "not an absolute path", "give the full path");
  }
  TRY(check_place(path, trust, where));
  ::dlerror();
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    return load_error(
        path,
        where,
        last_dl_error(),
        "it must be a shared object for this machine with everything it needs linked in");
  }
  auto* const entry = reinterpret_cast<Entry>(::dlsym(library, DF_ENTRY_SYMBOL));
  if (entry == nullptr) {
    const std::string missing = last_dl_error();
    const std::string other = other_major(library);
    if (!other.empty()) {
      return load_error(
          path, where, other, "upgrade deployflow, or use the plugin's version for this one");
    }
    return load_error(
        path, where, missing, "it is not a deployflow plugin: those export " DF_ENTRY_SYMBOL "()");
  }
  const df_plugin* table = entry();
  if (table == nullptr) {
    return load_error(
        path, where, DF_ENTRY_SYMBOL "() returned NULL", "report it to the plugin's author");
  }
  return table;
}

}  // namespace deployflow::load
