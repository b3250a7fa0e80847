#include "stages/release/holdings.hpp"

namespace deployflow::release {

void Holdings::note(std::string_view key,
                    std::uint64_t size,
                    std::string_view etag,
                    std::int64_t modified_s) {
  if (const auto i = find_(key)) {
    objects_.resize(count_);
    objects_[*i] = {etags_.add(etag), size, modified_s};
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
