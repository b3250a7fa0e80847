#include "plugins/host/store/list_all.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdint>
#include <memory>
#include <utility>

namespace deployflow::store {
namespace {

StoreError no_progress(std::string_view operation, std::string_view prefix) {
  StoreError error;
  error.code = Errc::remote;
  error.http_status = 200;
  const std::string subject = prefix.empty() ? "" : " " + printable(prefix);
  error.message = fmt::format("{}{}: the store's pages do not get any further", operation, subject);
  return error;
}

// Pages in a row that bring nothing, though each has a new token. Some are honest: a store may have
// looked through many deleted objects.
constexpr std::uint32_t k_most_idle_pages = 1000;

struct ObjectListing {
  ObjectStore& store;
  ListPage page;
  ListPageSink on_page;
  ListCompletion done;
  std::string last;  // key
  std::uint32_t idle_pages = 0;
};
using ObjectListingPtr = std::shared_ptr<ObjectListing>;

void next_page(const ObjectListingPtr& listing);

void on_objects(const ObjectListingPtr& listing, Outcome outcome) {
  if (!outcome.ok()) {
    listing->done(std::move(outcome.error()));
    return;
  }
  Reply& reply = *outcome;
  const std::string last = reply.objects.empty() ? listing->last : reply.objects.back().key;
  // A page in front of the last one means going round in circles, token or not.
  const bool behind = !reply.objects.empty() && !listing->last.empty() &&
                      reply.objects.front().key <= listing->last;
  const bool idle = reply.truncated && last == listing->last;
  const bool stuck = idle && (reply.next_token.empty() || reply.next_token == listing->page.token);
  listing->idle_pages = idle ? listing->idle_pages + 1 : 0;
  if (behind || stuck || listing->idle_pages >= k_most_idle_pages) {
    listing->done(no_progress("ListObjects", listing->page.prefix));
    return;
  }
  const bool truncated = reply.truncated;
  listing->page.token = std::move(reply.next_token);
  listing->page.start_after = last;
  listing->last = last;
  if (!listing->on_page(std::move(reply.objects)) || !truncated) {
    listing->done({});
    return;
  }
  next_page(listing);
}

void next_page(const ObjectListingPtr& listing) {
  listing->store.submit(listing->page,
                        [listing](Outcome outcome) { on_objects(listing, std::move(outcome)); });
}

struct UploadListing {
  ObjectStore& store;
  ListUploads page;
  UploadPageSink on_page;
  ListCompletion done;
  std::uint32_t idle_pages = 0;
};
using UploadListingPtr = std::shared_ptr<UploadListing>;

void next_page(const UploadListingPtr& listing);

void on_uploads(const UploadListingPtr& listing, Outcome outcome) {
  if (!outcome.ok()) {
    listing->done(std::move(outcome.error()));
    return;
  }
  Reply& reply = *outcome;
  ListUploads& page = listing->page;
  // Upload ids of one key come in no order that a client knows; only standing still is certain.
  const bool stuck =
      reply.next_upload_key < page.after_key ||
      (reply.next_upload_key == page.after_key && reply.next_upload_id == page.after_upload_id);
  listing->idle_pages = reply.uploads.empty() ? listing->idle_pages + 1 : 0;
  if (reply.truncated && (stuck || listing->idle_pages >= k_most_idle_pages)) {
    listing->done(no_progress("ListMultipartUploads", page.prefix));
    return;
  }
  page.after_key = std::move(reply.next_upload_key);
  page.after_upload_id = std::move(reply.next_upload_id);
  if (!listing->on_page(std::move(reply.uploads)) || !reply.truncated) {
    listing->done({});
    return;
  }
  next_page(listing);
}

void next_page(const UploadListingPtr& listing) {
  listing->store.submit(listing->page,
                        [listing](Outcome outcome) { on_uploads(listing, std::move(outcome)); });
}

}  // namespace

void list_all(ObjectStore& store, std::string prefix, ListPageSink on_page, ListCompletion done) {
  auto listing = std::make_shared<ObjectListing>(
      ObjectListing{store, {}, std::move(on_page), std::move(done), {}, 0});
  listing->page.prefix = std::move(prefix);
  next_page(listing);
}

void list_all_uploads(ObjectStore& store,
                      std::string prefix,
                      UploadPageSink on_page,
                      ListCompletion done) {
  auto listing = std::make_shared<UploadListing>(
      UploadListing{store, {}, std::move(on_page), std::move(done), 0});
  listing->page.prefix = std::move(prefix);
  next_page(listing);
}

}  // namespace deployflow::store
