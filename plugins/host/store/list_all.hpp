// A listing of all pages.

#pragma once

#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace deployflow::store {

/// Called on the loop with each page, in order. False ends the listing with success.
using ListPageSink = std::function<bool(std::vector<ObjectInfo>)>;
using UploadPageSink = std::function<bool(std::vector<UnfinishedUpload>)>;
using ListCompletion = std::function<void(Result<void, StoreError>)>;

struct ListRequest {
  std::string prefix;
  /// For who knows some keys that the store may hold: those behind `after` that are about a page
  /// apart, in order. A long listing is cut at them, and several ranges are listed at once. Called
  /// on the loop, once, and not at all if the first page is all. Null = page after page.
  std::function<std::vector<std::string>(const std::string& after)> cuts = {};
};

inline constexpr std::uint32_t k_page_keys = 1000;  // as many as S3 gives at once

/// Every object whose key begins with the prefix, in the order of UTF-8 bytes. `store` outlives it.
/// Any thread; `done` on the loop. Errors: the store's; `remote` if a page does not get further
/// than the one before.
void list_all(ObjectStore& store, ListRequest request, ListPageSink on_page, ListCompletion done);

/// Every version of every object under `prefix`, delete markers left out; of each key the newest
/// first, where the store says so.
void list_all_versions(ObjectStore& store,
                       std::string prefix,
                       ListPageSink on_page,
                       ListCompletion done);

/// Every multipart upload under `prefix` that was begun and not finished.
void list_all_uploads(ObjectStore& store,
                      std::string prefix,
                      UploadPageSink on_page,
                      ListCompletion done);

}  // namespace deployflow::store
