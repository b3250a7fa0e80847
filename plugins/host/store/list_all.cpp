#include "plugins/host/store/list_all.hpp"

#include "plugins/host/base/text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
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

constexpr std::size_t k_shards_at_once = 8;
constexpr std::size_t k_pages_ahead = 2;  // of a shard whose turn has not come

// A range of keys, listed page after page.
struct Shard {
  ListPage page;                              // to ask for next
  std::string after;                          // exclusive; the last key that was seen
  std::string until;                          // inclusive; empty = to the end
  std::deque<std::vector<ObjectInfo>> ahead;  // pages that wait for the shards in front
  std::uint32_t idle_pages = 0;
  bool in_flight = false;
  bool finished = false;
};

// The first page tells whether there is more. What lies behind it is cut into shards at known keys;
// several are listed at once, and their pages are handed on in order. Keeps itself alive.
class ObjectListing : public std::enable_shared_from_this<ObjectListing> {
 public:
  ObjectListing(ObjectStore& store, ListRequest request, ListPageSink on_page, ListCompletion done)
      : store_(store),
        request_(std::move(request)),
        on_page_(std::move(on_page)),
        done_(std::move(done)) {}

  void run() {
    add_shard({}, {});
    ask(shards_.front());
  }

 private:
  using ShardPtr = std::shared_ptr<Shard>;

  void add_shard(std::string after, std::string until) {
    auto shard = std::make_shared<Shard>();
    shard->page.prefix = request_.prefix;
    shard->page.start_after = after;
    shard->after = std::move(after);
    shard->until = std::move(until);
    shards_.push_back(std::move(shard));
  }

  // Nothing after submit(): the first time this is not the loop's thread.
  void ask(const ShardPtr& shard) {
    shard->in_flight = true;
    ++in_flight_;
    const ListPage page = shard->page;
    store_.submit(page, [self = shared_from_this(), shard](Outcome outcome) {
      self->on_answer(shard, std::move(outcome));
    });
  }

  void pump() {
    const std::size_t active = std::min(shards_.size(), k_shards_at_once);
    for (std::size_t i = 0; i < active && is_wanted_; ++i) {
      const ShardPtr shard = shards_[i];
      if (!shard->in_flight && !shard->finished &&
          (i == 0 || shard->ahead.size() < k_pages_ahead)) {
        ask(shard);
      }
    }
    if (in_flight_ == 0 && (shards_.empty() || !is_wanted_)) {
      end();
    }
  }

  void on_answer(const ShardPtr& shard, Outcome outcome) {
    --in_flight_;
    shard->in_flight = false;
    if (!is_wanted_) {
      pump();
    } else if (shard->finished) {  // given up
      start_again();
    } else if (!outcome.ok()) {
      stop(std::move(outcome.error()));
    } else if (gets_further(*shard, *outcome)) {
      take(*shard, std::move(*outcome));
      hand_on();
      pump();
    } else if (is_sharded_) {
      list_from_the_start();
    } else {
      stop(no_progress("ListObjects", request_.prefix));
    }
  }

  // A page in front of the one before means going round in circles, token or not.
  static bool gets_further(Shard& shard, const Reply& reply) {
    const std::string& last = reply.objects.empty() ? shard.after : reply.objects.back().key;
    const bool behind =
        !reply.objects.empty() && !shard.after.empty() && reply.objects.front().key <= shard.after;
    const bool idle = reply.truncated && last == shard.after;
    const bool stuck = idle && (reply.next_token.empty() || reply.next_token == shard.page.token);
    shard.idle_pages = idle ? shard.idle_pages + 1 : 0;
    return !behind && !stuck && shard.idle_pages < k_most_idle_pages;
  }

  void take(Shard& shard, Reply reply) {
    std::vector<ObjectInfo>& objects = reply.objects;
    if (!objects.empty()) {
      shard.after = objects.back().key;
    }
    shard.page.start_after = shard.after;
    shard.page.token = std::move(reply.next_token);
    shard.finished = !reply.truncated;
    if (!shard.until.empty() && shard.after >= shard.until) {
      shard.finished = true;
      std::erase_if(objects, [&](const ObjectInfo& o) { return o.key > shard.until; });
    }
    if (is_again_) {
      std::erase_if(objects, [&](const ObjectInfo& o) { return o.key <= handed_on_; });
    }
    shard.ahead.push_back(std::move(objects));
    if (is_first_ && !shard.finished) {
      cut(shard);
    }
    is_first_ = false;
  }

  // `first` has seen its page: it goes on to the first known key that begins another shard.
  void cut(Shard& first) {
    if (!request_.cuts) {
      return;
    }
    for (std::string& cut : request_.cuts(first.after)) {
      shards_.back()->until = cut;
      add_shard(std::move(cut), {});
      is_sharded_ = true;
    }
  }

  // The store does not begin behind a key. By tokens alone, then, from the start.
  void list_from_the_start() {
    for (const ShardPtr& shard : shards_) {
      shard->finished = true;
      shard->ahead.clear();
    }
    shards_.clear();
    is_sharded_ = false;
    is_again_ = true;
    start_again();
  }

  void start_again() {
    if (in_flight_ == 0) {
      run();
    }
  }

  void hand_on() {
    while (!shards_.empty() && is_wanted_) {
      Shard& front = *shards_.front();
      while (!front.ahead.empty() && is_wanted_) {
        std::vector<ObjectInfo> page = std::move(front.ahead.front());
        front.ahead.pop_front();
        if (!page.empty()) {
          handed_on_ = page.back().key;
        }
        is_wanted_ = on_page_(std::move(page));
      }
      if (!front.finished || !front.ahead.empty()) {
        return;
      }
      shards_.pop_front();
    }
  }

  void stop(StoreError error) {
    failure_ = std::move(error);
    is_wanted_ = false;
    pump();
  }

  void end() {
    if (failure_) {
      std::exchange(done_, nullptr)(std::move(*failure_));
    } else {
      std::exchange(done_, nullptr)({});
    }
  }

  ObjectStore& store_;
  ListRequest request_;
  ListPageSink on_page_;
  ListCompletion done_;
  std::deque<ShardPtr> shards_;  // in the order of their keys
  std::string handed_on_;        // the last key that was
  std::optional<StoreError> failure_;
  std::size_t in_flight_ = 0;
  bool is_first_ = true;  // page
  bool is_sharded_ = false;
  bool is_again_ = false;  // from the start: what was handed on is skipped
  bool is_wanted_ = true;
};

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
  const bool stuck = reply.next_key < page.after_key ||
                     (reply.next_key == page.after_key && reply.next_id == page.after_upload_id);
  listing->idle_pages = reply.uploads.empty() ? listing->idle_pages + 1 : 0;
  if (reply.truncated && (stuck || listing->idle_pages >= k_most_idle_pages)) {
    listing->done(no_progress("ListMultipartUploads", page.prefix));
    return;
  }
  page.after_key = std::move(reply.next_key);
  page.after_upload_id = std::move(reply.next_id);
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

struct VersionListing {
  ObjectStore& store;
  ListVersions page;
  ListPageSink on_page;
  ListCompletion done;
  std::uint32_t idle_pages = 0;
};
using VersionListingPtr = std::shared_ptr<VersionListing>;

void next_page(const VersionListingPtr& listing);

void on_versions(const VersionListingPtr& listing, Outcome outcome) {
  if (!outcome.ok()) {
    listing->done(std::move(outcome.error()));
    return;
  }
  Reply& reply = *outcome;
  ListVersions& page = listing->page;
  // As with uploads: ids come in no order that a client knows. A page of delete markers is honest.
  const bool stuck = reply.next_key < page.after_key ||
                     (reply.next_key == page.after_key && reply.next_id == page.after_version);
  listing->idle_pages = reply.objects.empty() ? listing->idle_pages + 1 : 0;
  if (reply.truncated && (stuck || listing->idle_pages >= k_most_idle_pages)) {
    listing->done(no_progress("ListObjectVersions", page.prefix));
    return;
  }
  page.after_key = std::move(reply.next_key);
  page.after_version = std::move(reply.next_id);
  if (!listing->on_page(std::move(reply.objects)) || !reply.truncated) {
    listing->done({});
    return;
  }
  next_page(listing);
}

void next_page(const VersionListingPtr& listing) {
  listing->store.submit(listing->page,
                        [listing](Outcome outcome) { on_versions(listing, std::move(outcome)); });
}

}  // namespace

void list_all(ObjectStore& store, ListRequest request, ListPageSink on_page, ListCompletion done) {
  std::make_shared<ObjectListing>(store, std::move(request), std::move(on_page), std::move(done))
      ->run();
}

void list_all_versions(ObjectStore& store,
                       std::string prefix,
                       ListPageSink on_page,
                       ListCompletion done) {
  auto listing = std::make_shared<VersionListing>(
      VersionListing{store, {}, std::move(on_page), std::move(done), 0});
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
