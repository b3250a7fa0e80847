#include "stages/upload/preview_list.hpp"

#include "stages/release/manifest.hpp"
#include "stages/release/preview.hpp"

#include <map>
#include <utility>

namespace deployflow::stages {
namespace {

/// What the listing says of one folder.
struct Folder {
  FoundPreview preview;
  std::string only;  // the key of a single file
  bool has_mark = false, has_lock = false, has_more = false, has_index = false;
};

void note(Folder& folder, std::string_view key, std::uint64_t size) {
  folder.preview.bytes += size;
  if (!key.starts_with(release::k_reserved)) {
    folder.only = ++folder.preview.files == 1 ? key : std::string_view();
    folder.has_index = folder.has_index || key == "index.html";
  } else if (key == release::k_preview_key) {
    folder.has_mark = true;
  } else if (key == release::k_lock_key) {
    folder.has_lock = true;
  } else {
    folder.has_more = true;
  }
}

}  // namespace

std::vector<FoundPreview> find_previews(const Store& store,
                                        std::string_view target,
                                        std::string_view folder) {
  std::map<std::string, Folder, std::less<>> folders;
  store.list(target, folder, [&](const df_object& object) {
    const std::string_view key = sv(object.key).substr(folder.size());
    const std::size_t slash = key.find('/');
    if (slash != std::string_view::npos && slash > 0) {
      auto found = folders.find(key.substr(0, slash));
      if (found == folders.end()) {
        found = folders.emplace(key.substr(0, slash), Folder()).first;
      }
      note(found->second, key.substr(slash + 1), object.size);
    }
  });
  std::vector<FoundPreview> out;
  for (auto& [name, one] : folders) {
    FoundPreview& preview = one.preview;
    preview.is_remains = !one.has_mark && one.has_lock && !one.has_more && preview.files == 0;
    if (one.has_mark || preview.is_remains) {
      preview.name = name;
      preview.start = one.has_index ? "index.html" : std::move(one.only);
      out.push_back(std::move(preview));
    }
  }
  return out;
}

std::string preview_target(std::string_view target,
                           std::string_view folder,
                           std::string_view name) {
  return std::string(target) + "/" + std::string(folder) + std::string(name) + "/";
}

}  // namespace deployflow::stages
