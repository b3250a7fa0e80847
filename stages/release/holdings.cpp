#include "stages/release/holdings.hpp"

#include <algorithm>

namespace deployflow::release {

void Holdings::note(std::string_view key, std::uint64_t size, std::string_view etag, bool is_late) {
  if (const auto i = find_(key)) {
    objects_.resize(count_);
    Object& object = objects_[*i];
    object.etag = etag.empty() ? TextPool::Slice{0} : etags_.add(etag);
    object.size = std::min(size, k_not_held - 1) & k_most_size;
    object.is_late = is_late;
  }
}

Holdings list_holdings(const Store& store, std::string_view target, const Inventory& wanted) {
  Holdings held(wanted);
  store.list(target, "", [&](const df_object& object) {
    held.note(sv(object.key), object.size, sv(object.etag));
  });
  return held;
}

std::vector<UnfinishedUpload> list_unfinished(Ctx ctx,
                                              const Store& store,
                                              std::string_view target,
                                              const Inventory& wanted) {
  std::vector<UnfinishedUpload> uploads;
  const auto note = [&](const df_object& upload) {
    if (const auto i = wanted.find(sv(upload.key))) {
      uploads.push_back({*i, std::string(sv(upload.upload_id))});
    }
  };
  try {
    store.list(target, "", note, DF_LIST_UPLOADS);
  } catch (const Failure& failure) {
    ctx.log(DF_DEBUG,
            std::string(target) + ": unfinished uploads cannot be listed (status " +
                std::to_string(failure.status) + ")");
  }
  return uploads;
}

}  // namespace deployflow::release
