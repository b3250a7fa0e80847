// A listing of all pages.

#pragma once

#include "plugins/host/store/loop.hpp"
#include "plugins/host/store/object_store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace deployflow::store {

/// Called on the loop with each page, in order. False ends the listing with success.
using ListPageSink = std::function<bool(std::vector<ObjectInfo>)>;
using UploadPageSink = std::function<bool(std::vector<UnfinishedUpload>)>;
using ListCompletion = std::function<void(Result<void, StoreError>)>;

/// Every object whose key begins with `prefix`. `store` outlives it. Any thread; `done` on the
/// loop. Errors: the store's; `remote` if a page does not get further than the one before.
void list_all(ObjectStore& store, std::string prefix, ListPageSink on_page, ListCompletion done);

/// Every multipart upload under `prefix` that was begun and not finished.
void list_all_uploads(ObjectStore& store,
                      std::string prefix,
                      UploadPageSink on_page,
                      ListCompletion done);

}  // namespace deployflow::store
